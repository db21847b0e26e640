/** Loads Sigstore's packages when the first bundle is met: nobody else pays for them. */
export type SigstoreEngine = typeof import('./engine.ts');

/** `Buffer` is Node's; where there is none, a well-known stand-in is put in its place before the packages look for it. */
export async function loadSigstore(): Promise<SigstoreEngine> {
  if (!('Buffer' in globalThis)) {
    const { Buffer } = await import('buffer/');
    Object.defineProperty(globalThis, 'Buffer', { value: Buffer, configurable: true, writable: true });
  }
  return import('./engine.ts');
}
