/** Loads the packages of Sigstore and TUF when they are first needed: nobody else pays for them. */
export type SigstoreEngine = typeof import('./engine.ts');
export type TufEngine = typeof import('./tuf/engine.ts');

export async function loadSigstore(): Promise<SigstoreEngine> {
  await provideBuffer();
  return import('./engine.ts');
}

export async function loadTuf(): Promise<TufEngine> {
  await provideBuffer();
  return import('./tuf/engine.ts');
}

/** `Buffer` is Node's; where there is none, a well-known stand-in is put in its place before the packages look for it. */
async function provideBuffer(): Promise<void> {
  if ('Buffer' in globalThis) return;
  const { Buffer } = await import('buffer/');
  Object.defineProperty(globalThis, 'Buffer', { value: Buffer, configurable: true, writable: true });
}
