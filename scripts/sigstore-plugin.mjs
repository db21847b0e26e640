/** The packages of Sigstore and TUF are written for Node: the build gives them small stand-ins for the two modules they ask for. */
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const STAND_INS = { crypto: 'src/core/crypto/node-crypto.ts', util: 'src/core/crypto/node-util.ts' };
const PACKAGES = /[\\/]@(?:sigstore|tufjs)[\\/]/;

/** @returns {import('vite').Plugin} */
export function sigstoreStandIns() {
  return {
    name: 'assay-sigstore-stand-ins',
    enforce: 'pre',
    resolveId(source, importer) {
      const path = Object.hasOwn(STAND_INS, source) && PACKAGES.test(importer ?? '') ? STAND_INS[source] : null;
      return path === null ? null : join(root, path);
    },
  };
}
