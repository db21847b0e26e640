/** The command line's grammar. Everything it does not understand is a USAGE error, exit status 2. */
import { parseArgs } from 'node:util';
import { AppError } from '../core/errors.ts';
import type { TrustOptions } from './expectations.ts';
import { SIGNERS_ACTIONS } from './signers-actions.ts';

export interface Options {
  readonly command:
    | 'verify'
    | 'hash'
    | 'inspect'
    | 'compare'
    | 'scan'
    | 'db'
    | 'cache'
    | 'attestation'
    | 'checkpoints'
    | 'trust'
    | 'signers'
    | 'help'
    | 'version';
  readonly target: string;
  readonly against: readonly string[];
  readonly json: boolean;
  /** Folder or address of a database; absent: the one that came with this program. */
  readonly db?: string;
  readonly offline: boolean;
  /** Algorithms for `hash`, besides SHA-256. */
  readonly algorithms: readonly string[];
  /** `hash`: one line per tensor. `compare`: also every number of both, tensor by tensor. */
  readonly tensors: boolean;
  /** `inspect`: read every byte and digest the decoded numbers. */
  readonly canonical: boolean;
  /** `inspect`: read every byte and count, sum and bound the decoded numbers. */
  readonly stats: boolean;
  /** `inspect`: print everything, however long. */
  readonly all: boolean;
  /** `verify`: another model whose numbers these should be. */
  readonly sameWeightsAs?: string;
  /** `verify`, `attestation`: what signatures are checked with. */
  readonly trust: TrustOptions;
  /** `trust add`: a file; `trust remove`: a name or digest. */
  readonly material?: string;
  /** `trust add`: what it is called. */
  readonly name?: string;
  /** `compare`: the second model. */
  readonly other?: string;
  /** `verify`: whose model it is; `signers`: a file to compare with, which is only read. */
  readonly publisher?: string;
  readonly signers?: string;
  /** `verify`: signers are compared with those met before, and remembered. */
  readonly remember: boolean;
  /** `checkpoints`: more of them; `signers`: a publisher and an id, or a file. */
  readonly others?: readonly string[];
  /** `checkpoints`: their names in order. */
  readonly order?: readonly string[];
  /** `checkpoints`: file that states how they were trained. */
  readonly recipe?: string;
  /** `compare`, `scan`: lines of `key: value`. */
  readonly plain: boolean;
  /** `compare`, `scan`: also how long each step took. */
  readonly timing: boolean;
  /** `compare`, `scan`: signals of models are looked for in the cache, and kept there. */
  readonly cache: boolean;
  /** `db`: the folder that is made. */
  readonly out?: string;
  /** `scan`: most matches shown. */
  readonly topK?: number;
  /** `scan`: least score shown, 0 to 1. */
  readonly threshold?: number;
}

export const USAGE = `assay: find out what an AI model file really is

  assay verify <path | hf:org/name[@revision]> [options]
      Reads every byte and compares it with what is claimed: checksum lists and other statements found
      beside the files, what --against names, and the database of known files.
      --same-weights-as <path | hf:org/name[@revision]>  also compares the numbers of all tensors, decoded, with those
      of another model, whatever containers, types and layouts the two are in.
  assay attestation <file> [options]
      One signature or record, step by step, with the files in its folder.
  assay inspect <path | hf:org/name[@revision]> [--canonical] [--stats] [--all] [--json]
      Reads headers only: format, tensors and where they lie, quantised weights as what they stand for, metadata,
      findings, what its pickles would import, and which files belong together. A folder is one model.
      --canonical, --stats  read every byte: digests of the stored and of the decoded numbers; count, sums, least and
      most, zeros, NaN and infinities.   --all  prints everything instead of the first lines of each part.
  assay hash <path> [--algorithm <name>]… [--tensors] [--json]
      Prints SHA-256 (and other digests) of every file, or of every tensor.

  assay compare <model> <model> [--tensors] [--json | --plain] [--timing]
      What the Model Provenance Kit would say about two models: its eight signals and its score.
      --tensors  also reads every number of both and says, tensor by tensor, what is identical and how far apart the
      rest is, whatever containers and types the two are in.
  assay scan <model> [--top-k <n>] [--threshold <0..1>] [--db <folder | zip | url of a zip>] [--json | --plain]
      The nearest models of the catalogue by that score. Weights are compared when --db has their signals.

      compare and scan keep what they extract, named by the SHA-256 of the files it came from, in
      $XDG_CACHE_HOME/assay (or ~/.cache/assay): files seen before, under whatever name, need not be read again.
      --no-cache  looks for nothing there and keeps nothing.
  assay checkpoints <folder | files or folders | hf:org/name@revision …> [--recipe <file>] [--order <a,b,c>] [--json]
      A sequence of training checkpoints, from the files alone: structure, lengths and directions of the updates,
      straight lines and jumps, published hash chains. Says what it is consistent with, never what it proves.
      --recipe  JSON that states how it was trained (docs/checkpoints.md);  --order  names, where theirs do not say.
      Exit status 1: something contradicts; 2: something unusual, or not all could be read; 0: neither.
  assay cache <show | clear>
      How much is kept; or removes all of it.

  assay db import-mpk <folder | zip | url of a zip> [--out <folder>] [--json]
      Takes over a database of the Model Provenance Kit (its --db-root folder, a zip of it, or deep-signals.zip for the
      catalogue that came with this program), every file held against the catalogue's SHA-256, as a folder that
      scan --db reads. Done again it gives the same files; a file that does not match is named and nothing is replaced.

  Signatures and records beside the files (OpenSSF model signing, Sigstore, in-toto and others) are checked with:
  --key <file>           the publisher's public key: PEM, the .pub file of minisign, signify or OpenSSH, or an OpenSSH
                         list of allowed signers;  --root <file>  a root certificate;  each may be repeated
  --identity <name> [--issuer <url>]   exactly whom you expect to have signed
  --trusted-root <file>  another Sigstore instance's trusted_root.json instead of the public one
  --policy <file>        how it is expected to be built;  --ignore <path>  left out;  --allow-unsigned  extra files are fine

  assay trust <show | update | add <file> [--name <words>] | remove <name or digest>> [--json]
      What signatures are checked with: Sigstore's public-good trust root, shipped or updated by TUF when you ask, and
      what you add for every check: another instance's trusted_root.json, a root certificate, a public key. What is
      given to one check (--key, --root, --trusted-root) takes the place of what is kept. Kept in XDG_STATE_HOME/assay.

  --publisher <name>     whose model it is (of hf:org/name it is org): who signed is compared with who signed for them
                         before, and remembered in XDG_STATE_HOME/assay. Another signer than one you accepted contradicts
  --no-remember          compares with nothing and remembers nothing;  --signers <file>  compares with an exported file
                         and writes nothing: for pipelines, whose answers must not depend on earlier runs
  assay signers <list [publisher] | accept <publisher> (<id> | --identity <name> --issuer <url> | --key <file>)
                | forget (<publisher> [id] | --all) | export [file] | import <file>> [--json]
      Who signed for which publisher, and whom you expect.

  --against <what>   a checksum list, a digest (hex or algorithm:hex), or hf:org/name[@revision]; may be repeated
  --db <dir | url>   another database of known files;  --db none  looks nothing up. How new a database at an
                     address was is kept in XDG_STATE_HOME/assay; an older copy of it is refused later
  --offline          make no request; what needs one is reported as not checked
  --json             the whole report as JSON on standard output

Environment: HF_TOKEN for gated or private repositories, HF_ENDPOINT for another Hub.

Exit status: 0 everything that was asked matches, 1 something contradicts, 2 something could not be checked,
there was nothing to compare with, or the command line was not understood.`;

const COMMANDS = [
  'verify',
  'hash',
  'inspect',
  'compare',
  'scan',
  'db',
  'cache',
  'attestation',
  'checkpoints',
  'trust',
  'signers',
  'help',
  'version',
] as const;

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
        all: { type: 'boolean', default: false },
        canonical: { type: 'boolean', default: false },
        'same-weights-as': { type: 'string' },
        stats: { type: 'boolean', default: false },
        algorithm: { type: 'string', multiple: true, default: [] },
        'allow-unsigned': { type: 'boolean', default: false },
        identity: { type: 'string' },
        ignore: { type: 'string', multiple: true, default: [] },
        issuer: { type: 'string' },
        key: { type: 'string', multiple: true, default: [] },
        policy: { type: 'string', multiple: true, default: [] },
        recipe: { type: 'string' },
        root: { type: 'string', multiple: true, default: [] },
        'trusted-root': { type: 'string', multiple: true, default: [] },
        db: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        'no-cache': { type: 'boolean', default: false },
        'no-remember': { type: 'boolean', default: false },
        publisher: { type: 'string' },
        signers: { type: 'string' },
        name: { type: 'string' },
        offline: { type: 'boolean', default: false },
        order: { type: 'string' },
        out: { type: 'string' },
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
    trust: {
      keys: values.key,
      roots: values.root,
      trustedRoots: values['trusted-root'],
      policies: values.policy,
      ignore: values.ignore,
      allowUnsigned: values['allow-unsigned'],
      ...(values.identity === undefined ? {} : { identity: values.identity }),
      ...(values.issuer === undefined ? {} : { issuer: values.issuer }),
    },
    all: values.all,
    canonical: values.canonical,
    stats: values.stats,
    ...(values['same-weights-as'] === undefined ? {} : { sameWeightsAs: values['same-weights-as'] }),
    timing: values.timing,
    cache: !values['no-cache'],
    remember: !values['no-remember'],
    ...(values.publisher === undefined ? {} : { publisher: values.publisher }),
    ...(values.signers === undefined ? {} : { signers: values.signers }),
    ...(values['top-k'] === undefined ? {} : { topK: number(values['top-k'], '--top-k', 1, 1_000_000, true) }),
    ...(values.threshold === undefined ? {} : { threshold: number(values.threshold, '--threshold', 0, 1, false) }),
    ...(values.db === undefined ? {} : { db: values.db }),
    ...(values.out === undefined ? {} : { out: values.out }),
    ...(values.order === undefined ? {} : { order: values.order.split(',').map((name) => name.trim()) }),
    ...(values.recipe === undefined ? {} : { recipe: values.recipe }),
    ...(values.name === undefined ? {} : { name: values.name }),
  };
  if (values.version) return { ...base, command: 'version', target: '' };
  if (values.help || positionals.length === 0) return { ...base, command: 'help', target: '' };
  const [word = '', target = '', ...rest] = positionals;
  const command = COMMANDS.find((c) => c === word);
  if (!command) throw new AppError('USAGE', { problem: `There is no command "${word}".` });
  if (command === 'help' || command === 'version') return { ...base, command, target: '' };
  if (target === '')
    throw new AppError('USAGE', { problem: `"assay ${command}" needs a file, a folder or hf:org/name.` });
  if (command === 'db') {
    const [from, ...more] = rest;
    if (target !== 'import-mpk') throw new AppError('USAGE', { problem: `There is no "assay db ${target}".` });
    if (from === undefined || more.length > 0)
      throw new AppError('USAGE', { problem: '"assay db import-mpk" needs one folder, zip or address.' });
    return { ...base, command, target: from };
  }
  if (command === 'trust') {
    const [material, ...more] = rest;
    const takes = target === 'add' || target === 'remove';
    if (!takes && target !== 'show' && target !== 'update')
      throw new AppError('USAGE', {
        problem: `There is no "assay trust ${target}"; show, update, add and remove are.`,
      });
    if (more.length > 0 || takes !== (material !== undefined))
      throw new AppError('USAGE', {
        problem: `"assay trust ${target}" takes ${takes ? 'one thing: what is kept' : 'nothing else'}.`,
      });
    return { ...base, command, target, ...(material === undefined ? {} : { material }) };
  }
  if (command === 'cache') {
    if (target !== 'clear' && target !== 'show')
      throw new AppError('USAGE', { problem: `There is no "assay cache ${target}"; clear and show are.` });
    if (rest.length > 0) throw new AppError('USAGE', { problem: `"assay cache ${target}" takes nothing else.` });
    return { ...base, command, target };
  }
  if (command === 'compare') {
    const [other, ...more] = rest;
    if (other === undefined) throw new AppError('USAGE', { problem: '"assay compare" needs two models.' });
    if (more.length > 0) throw new AppError('USAGE', { problem: `Two models; "${more[0]}" is one too many.` });
    return { ...base, command, target, other };
  }
  if (command === 'signers') {
    if (!(SIGNERS_ACTIONS as readonly string[]).includes(target))
      throw new AppError('USAGE', {
        problem: `There is no "assay signers ${target}"; ${SIGNERS_ACTIONS.join(', ')} are.`,
      });
    const most = target === 'forget' || target === 'accept' ? 2 : 1;
    if (rest.length > most) throw new AppError('USAGE', { problem: `"${rest[most]}" is one too many.` });
    return { ...base, command, target, others: rest };
  }
  if (command === 'checkpoints') return { ...base, command, target, others: rest };
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
