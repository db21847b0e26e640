/** CycloneDX as XML: recognised, and not read here. */
const NAMESPACE = 'http://cyclonedx.org/schema/bom/';
const HEAD = 4096;

/** By the name space in its first element. */
export function isXml(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, HEAD));
  return /^\ufeff?\s*</.test(head) && head.includes(NAMESPACE);
}
