/** The command line's grammar. Everything it does not understand is a USAGE error, exit status 2. */
import { parseArgs } from 'node:util';
import { AppError } from '../core/errors.ts';

export interface Options {
  readonly command: 'verify' | 'hash' | 'inspect' | 'compare' | 'scan' | 'help' | 'version';
  readonly target: string;
  readonly against: readonly string[];
  readonly json: boolean;
  /** Folder or address of a database; absent: the one that came with this program. */
  readonly db?: string;
  readonly offline: boolean;
  /** Algorithms for `hash`, besides SHA-256. */
  readonly algorithms: readonly string[];
  /** `hash --tensors`: one line per tensor. */
  readonly tensors: boolean;
  /** `compare`: the second model. */
  readonly other?: string;
  /** `compare`, `scan`: lines of `key: value`. */
  readonly plain: boolean;
  /** `compare`, `scan`: also how long each step took. */
  readonly timing: boolean;
  /** `scan`: most matches shown. */
  readonly topK?: number;
  /** `scan`: least score shown, 0 to 1. */
  readonly threshold?: number;
}

export const USAGE = `assay: find out what an AI model file really is

  assay verify <path | hf:org/name[@revision]> [options]
      Reads every byte and compares it with what is claimed: checksum lists and other statements found
      beside the files, what --against names, and the database of known files.
  assay inspect <path | hf:org/name[@revision]> [--json]
      Reads headers only: format, tensors, metadata, findings.
  assay hash <path> [--algorithm <name>]… [--tensors] [--json]
      Prints SHA-256 (and other digests) of every file, or of every tensor.

  assay compare <model> <model> [--json | --plain] [--timing]
      What the Model Provenance Kit would say about two models: its eight signals and its score.
  assay scan <model> [--top-k <n>] [--threshold <0..1>] [--db <folder | zip | url of a zip>] [--json | --plain]
      The nearest models of the catalogue by that score. Weights are compared when --db has their signals.

  --against <what>   a checksum list, a digest (hex or algorithm:hex), or hf:org/name[@revision]; may be repeated
  --db <dir | url>   another database of known files;  --db none  looks nothing up
  --offline          make no request; what needs one is reported as not checked
  --json             the whole report as JSON on standard output

Environment: HF_TOKEN for gated or private repositories, HF_ENDPOINT for another Hub.

Exit status: 0 everything that was asked matches, 1 something contradicts, 2 something could not be checked,
there was nothing to compare with, or the command line was not understood.`;

const COMMANDS = ['verify', 'hash', 'inspect', 'compare', 'scan', 'help', 'version'] as const;

/**
 * @param argv arguments after the program's name
 * @throws AppError USAGE {problem}
 */
export function parseOptions(argv: readonly string[]): Options {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        against: { type: 'string', multiple: true, default: [] },
        algorithm: { type: 'string', multiple: true, default: [] },
        db: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        offline: { type: 'boolean', default: false },
        plain: { type: 'boolean', default: false },
        threshold: { type: 'string' },
        timing: { type: 'boolean', default: false },
        'top-k': { type: 'string' },
        tensors: { type: 'boolean', default: false },
        version: { type: 'boolean', short: 'V', default: false },
      },
    });
  } catch (error) {
    throw new AppError('USAGE', { problem: error instanceof Error ? error.message : String(error) }, error);
  }
  const { values, positionals } = parsed;
  const base = {
    against: values.against,
    json: values.json,
    offline: values.offline,
    algorithms: values.algorithm,
    tensors: values.tensors,
    plain: values.plain,
    timing: values.timing,
    ...(values['top-k'] === undefined ? {} : { topK: number(values['top-k'], '--top-k', 1, 1_000_000, true) }),
    ...(values.threshold === undefined ? {} : { threshold: number(values.threshold, '--threshold', 0, 1, false) }),
    ...(values.db === undefined ? {} : { db: values.db }),
  };
  if (values.version) return { ...base, command: 'version', target: '' };
  if (values.help || positionals.length === 0) return { ...base, command: 'help', target: '' };
  const [word = '', target = '', ...rest] = positionals;
  const command = COMMANDS.find((c) => c === word);
  if (!command) throw new AppError('USAGE', { problem: `There is no command "${word}".` });
  if (command === 'help' || command === 'version') return { ...base, command, target: '' };
  if (target === '')
    throw new AppError('USAGE', { problem: `"assay ${command}" needs a file, a folder or hf:org/name.` });
  if (command === 'compare') {
    const [other, ...more] = rest;
    if (other === undefined) throw new AppError('USAGE', { problem: '"assay compare" needs two models.' });
    if (more.length > 0) throw new AppError('USAGE', { problem: `Two models; "${more[0]}" is one too many.` });
    return { ...base, command, target, other };
  }
  if (rest.length > 0) throw new AppError('USAGE', { problem: `One target at a time; "${rest[0]}" is one too many.` });
  return { ...base, command, target };
}

function number(text: string, option: string, least: number, most: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new AppError('USAGE', {
    problem: `${option} takes ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}.`,
  });
}
