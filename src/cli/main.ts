/** Entry of the command line: dispatch, exit status, and the same words for errors as on screen. */
import { explain } from '../app/text/errors.ts';
import { AppError, toErrorData } from '../core/errors.ts';
import { parseOptions, USAGE } from './args.ts';
import { printable } from './progress-bar.ts';

/** 2: could not check, or not understood. 130: stopped by Ctrl+C, as shells expect. */
const COULD_NOT = 2;
const STOPPED = 130;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  process.once('SIGTERM', () => controller.abort());
  switch (options.command) {
    case 'help':
      console.log(USAGE);
      return argv.length === 0 ? COULD_NOT : 0;
    case 'version':
      console.log(`assay ${__ASSAY_VERSION__}${__ASSAY_COMMIT__ ? ` (${__ASSAY_COMMIT__})` : ''}`);
      return 0;
    case 'hash':
      return (await import('./hash.ts')).hash(options, controller.signal);
    case 'inspect':
      return (await import('./inspect.ts')).inspect(options, controller.signal);
    case 'checkpoints':
      return (await import('./checkpoints.ts')).checkpoints(options, controller.signal);
    case 'compare':
      return (await import('./compare.ts')).compare(options, controller.signal);
    case 'scan':
      return (await import('./scan.ts')).scan(options, controller.signal);
    case 'cache':
      return (await import('./cache.ts')).cache(options);
    case 'db':
      return (await import('./db.ts')).db(options, controller.signal);
    case 'attestation':
      return (await import('./attestation.ts')).attestation(options, controller.signal);
    case 'signers':
      return (await import('./signers.ts')).signers(options);
    case 'trust':
      return (await import('./trust.ts')).trust(options, controller.signal);
    case 'verify':
      return (await import('./verify.ts')).verify(options, controller.signal);
  }
}

// A closed pipe (`assay … | head`) is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const data = toErrorData(error);
  const words = explain(data);
  console.error(
    [`assay: ${words.title} (${data.code})`, words.why, words.next].filter(Boolean).map(printable).join('\n  '),
  );
  if (data.code === 'USAGE') console.error('\nassay help  lists the commands.');
  if (!(error instanceof AppError) && process.env['ASSAY_DEBUG']) console.error(error);
  process.exitCode = data.code === 'SOURCE_ABORTED' ? STOPPED : COULD_NOT;
}
