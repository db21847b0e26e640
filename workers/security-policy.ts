/**
 * The Content-Security-Policy, once: the build writes it into index.html, the service worker adds it to responses.
 *
 * - Nothing may be loaded, sent or shown except what is listed; no inline script or style exists.
 * - `connect-src` is the whole list of hosts that can ever be asked: this site, Hugging Face with its file hosts, and Sigstore's
 *   repository of trust roots, which is asked only when the person says so.
 * - Workers start from a `blob:` that imports the module, because a worker loaded by address does not inherit the
 *   page's policy (verified in Chromium and Firefox); the blob does.
 * - `wasm-unsafe-eval` allows WebAssembly to compile, nothing else.
 */
const DIRECTIVES: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self' blob:",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'connect-src':
    "'self' https://huggingface.co https://*.hf.co https://*.xethub.hf.co https://tuf-repo-cdn.sigstore.dev",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

export const SECURITY_POLICY = Object.entries(DIRECTIVES)
  .map(([name, value]) => `${name} ${value}`)
  .join('; ');
