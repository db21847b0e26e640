/** A C2PA manifest store: its manifests, and the parts of the active one (C2PA 2.4 section 11.1). */
import { AppError } from '../../../errors.ts';
import { parseSuperBox, type SuperBox } from './jumbf.ts';

export interface ManifestStore {
  /** How many manifests there are: those of ingredients stand before the active one, which is the last. */
  readonly manifests: number;
  readonly active: C2paManifest;
}

export interface C2paManifest {
  readonly label: string;
  /** An update states things about a file without being bound to it. */
  readonly update: boolean;
  /** `c2pa.claim` or `c2pa.claim.v2`. */
  readonly claimLabel: string;
  /** CBOR: what is signed. */
  readonly claim: Uint8Array;
  /** CBOR: COSE_Sign1. */
  readonly signature: Uint8Array;
  /** By label. */
  readonly assertions: ReadonlyMap<string, SuperBox>;
}

const MANIFESTS = ['c2ma', 'c2um', 'c2cm', 'c2md'];
const CLAIMS = ['c2pa.claim', 'c2pa.claim.v2'];
export const SIGNATURE_LABEL = 'c2pa.signature';
export const ASSERTIONS_LABEL = 'c2pa.assertions';

/** @throws AppError ATTEST_BUNDLE {why}, ATTEST_NO_MANIFEST when it is packed in a way that is not read */
export function readStore(bytes: Uint8Array): ManifestStore {
  const store = parseSuperBox(bytes);
  if (store.type !== 'c2pa' || store.label !== 'c2pa') throw malformed('it is no C2PA manifest store');
  if (store.contents.length > 0) throw malformed('a manifest store with something else in it');
  const active = store.boxes.at(-1);
  if (active === undefined || !store.boxes.every(({ type }) => MANIFESTS.includes(type)))
    throw malformed('a manifest store with something else in it');
  if (active.type === 'c2cm') throw new AppError('ATTEST_NO_MANIFEST', { why: 'it is compressed' });
  return { manifests: store.boxes.length, active: manifest(active) };
}

function manifest({ label, type, boxes }: SuperBox): C2paManifest {
  const claims = boxes.filter((box) => box.type === 'c2cl');
  const signatures = boxes.filter((box) => box.type === 'c2cs');
  const assertions = boxes.filter((box) => box.type === 'c2as');
  if (claims.length !== 1) throw malformed(`${claims.length} claims`);
  if (signatures.length !== 1 || signatures[0]!.label !== SIGNATURE_LABEL)
    throw malformed(`${signatures.length} signatures`);
  if (assertions.length !== 1 || assertions[0]!.label !== ASSERTIONS_LABEL)
    throw malformed(`${assertions.length} lists of assertions`);
  const claimLabel = claims[0]!.label;
  if (!CLAIMS.includes(claimLabel)) throw malformed('a claim of unknown version');
  return {
    label,
    update: type === 'c2um',
    claimLabel,
    claim: onlyCbor(claims[0]!),
    signature: onlyCbor(signatures[0]!),
    assertions: new Map(assertions[0]!.boxes.map((box) => [box.label, box])),
  };
}

/** The one CBOR box of a superbox. @throws AppError ATTEST_BUNDLE */
export function onlyCbor({ boxes, contents, label }: SuperBox): Uint8Array {
  const [first, ...rest] = contents;
  if (first?.type !== 'cbor' || rest.length > 0 || boxes.length > 0)
    throw malformed(`${label.slice(0, 100)} is not one piece of CBOR`);
  return first.bytes;
}

function malformed(why: string): AppError {
  return new AppError('ATTEST_BUNDLE', { why });
}
