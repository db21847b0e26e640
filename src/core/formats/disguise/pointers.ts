import type { NotAModel } from '../not-a-model.ts';

/** Pointers are a few lines; Git LFS refuses to take anything of 1,024 bytes or more for one. */
const POINTER_MAX = 1024;

/**
 * A short text that a repository keeps in place of a file. What it states about the real file (`oid` or `digest`, `size`
 * in bytes) is in the detail, so that it can serve as a claim about the file once that is there.
 */
export function readPointer(head: Uint8Array, size: number): NotAModel | null {
  if (size > POINTER_MAX || head.length < size) return null;
  const text = new TextDecoder('latin1').decode(head.subarray(0, size));
  return readLfs(text) ?? readXet(text) ?? readAnnex(text);
}

/** github.com/git-lfs/git-lfs docs/spec.md; the two older addresses are still accepted by git-lfs itself. */
const LFS_VERSION =
  /^version (?:https:\/\/git-lfs\.github\.com\/spec\/v1|https:\/\/hawser\.github\.com\/spec\/v1|http:\/\/git-media\.io\/v\/2)\r?\n/;

function readLfs(text: string): NotAModel | null {
  if (!LFS_VERSION.test(text)) return null;
  const oid = /^oid sha256:([0-9a-f]{64})\r?$/m.exec(text)?.[1];
  return {
    kind: 'git-lfs-pointer',
    detail: {
      ...(oid === undefined ? {} : { oid, algorithm: 'sha256' }),
      ...sizeOf(/^size (\d{1,16})\r?$/m.exec(text)),
    },
  };
}

/** The pointer of git-xet before it moved to LFS pointers. Its hash is a Merkle hash, not a digest of the file. */
function readXet(text: string): NotAModel | null {
  if (!/^# xet version \d+\r?\n/.test(text)) return null;
  const hash = /^hash = '([0-9a-f]{64})'\r?$/m.exec(text)?.[1];
  return {
    kind: 'xet-pointer',
    detail: { ...(hash === undefined ? {} : { xetHash: hash }), ...sizeOf(/^filesize = (\d{1,16})\r?$/m.exec(text)) },
  };
}

/** git-annex.branchable.com/internals/pointer_file: a path whose last part is the key, `BACKEND-sSIZE--NAME`. */
function readAnnex(text: string): NotAModel | null {
  const key = /^(?:(?:\.\.\/)*\.git)?\/annex\/objects\/(?:[^\r\n]*\/)?([^/\r\n]+)\r?\n?/.exec(text)?.[1];
  if (key === undefined) return null;
  const sha256 = /^SHA256E?-.*--([0-9a-f]{64})(?:\.|$)/.exec(key)?.[1];
  return {
    kind: 'git-annex-pointer',
    detail: {
      key,
      ...(sha256 === undefined ? {} : { oid: sha256, algorithm: 'sha256' }),
      ...sizeOf(/^[A-Z0-9_]+(?:-[a-rt-z]\d+)*-s(\d{1,16})-/.exec(key)),
    },
  };
}

function sizeOf(match: RegExpExecArray | null): { size?: number } {
  const size = Number(match?.[1] ?? Number.NaN);
  return Number.isSafeInteger(size) ? { size } : {};
}
