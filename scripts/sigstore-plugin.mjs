/** Sigstore's packages are written for Node: the build gives them small stand-ins for the two modules they ask for. */
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const STAND_INS = { crypto: 'src/core/crypto/node-crypto.ts', util: 'src/core/crypto/node-util.ts' };

/** @returns {import('vite').Plugin} */
export function sigstoreStandIns() {
  return {
    name: 'assay-sigstore-stand-ins',
    enforce: 'pre',
    resolveId(source, importer) {
      const path = Object.hasOwn(STAND_INS, source) && importer?.includes('/@sigstore/') ? STAND_INS[source] : null;
      return path === null ? null : join(root, path);
    },
  };
}
