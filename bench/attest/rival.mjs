/** The rival: Sigstore's own package on Node's own crypto, over the same bundle and trust root, in a thread of its own. */
import { parentPort } from 'node:worker_threads';

parentPort.on('message', async ({ one, times }) => {
  const taken = [];
  try {
    for (let i = 0; i < times; i += 1) {
      const started = performance.now();
      const { bundleFromJSON } = await import('@sigstore/bundle');
      const { TrustedRoot } = await import('@sigstore/protobuf-specs');
      const { toSignedEntity, toTrustMaterial, Verifier } = await import('@sigstore/verify');
      const text = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
      const bundle = bundleFromJSON(text(one.files.find(({ path }) => path === one.path).bytes));
      const material = toTrustMaterial(TrustedRoot.fromJSON(text(one.trustedRoots[0])));
      const artifact = bundle.content.$case === 'messageSignature' ? Buffer.from(one.files[0].bytes) : undefined;
      const signer = new Verifier(material).verify(toSignedEntity(bundle, artifact));
      if (signer.identity.subjectAlternativeName !== one.signer.identity) throw new Error('another signer');
      taken.push(performance.now() - started);
    }
    parentPort.postMessage({ taken }, []);
  } catch (error) {
    parentPort.postMessage({ error: String(error) }, []);
  }
});
