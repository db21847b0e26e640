import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { CLAIM_BUNDLE_MAX, DOCUMENT_SHOWN_MAX } from '../../limits.ts';
import { newKey, signed, statementOver } from '../../claims/attestations/oms/sign.suite.ts';
import { indentJson } from './indent-json.ts';
import { readRecord } from './record.ts';

const { signal } = new AbortController();
const read = (bytes: Uint8Array | string) =>
  readRecord(new MemorySource('x.sig', typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes), signal);

describe('the file of an attestation, for eyes', () => {
  it('shows a bundle indented, and what its envelope carries decoded below', async () => {
    const statement = statementOver({ 'a.bin': new Uint8Array(3) });
    const { file, payloads, sha256 } = await read(signed(statement, newKey()));
    expect(file).toMatchObject({ form: 'json', cut: false });
    expect(file.text).toContain('\n  "dsseEnvelope": {\n    "payload": "');
    expect(payloads).toHaveLength(1);
    expect(payloads[0]).toMatchObject({ form: 'json', type: 'application/vnd.in-toto+json' });
    expect(JSON.parse(payloads[0]!.text)).toEqual(statement);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });
  it('shows each line of JSON lines, with the payload of each', async () => {
    const line = JSON.stringify({ payloadType: 'text/x', payload: 'aGk=', signatures: [] });
    const { file, payloads } = await read(`${line}\n${line}\n`);
    expect(file.text.match(/payloadType/g)).toHaveLength(2);
    expect(payloads.map(({ text }) => text)).toEqual(['hi', 'hi']);
  });
  it('shows other text as it is, and bytes that are no text as hex', async () => {
    expect((await read('outs:\n- md5: aa\n')).file).toMatchObject({ form: 'text', text: 'outs:\n- md5: aa\n' });
    expect((await read(Uint8Array.of(0xff, 0, 1))).file).toEqual({
      form: 'bytes',
      text: 'ff0001',
      size: 3,
      cut: false,
    });
  });
  it('keeps repeated keys, long numbers and escapes as they are written', async () => {
    expect(indentJson('{"a":1e400,"a":"\\u0041\\"","b":[ ],"c":{}}', 1000)).toBe(
      '{\n  "a": 1e400,\n  "a": "\\u0041\\"",\n  "b": [],\n  "c": {}\n}',
    );
  });
  it('cuts what is too long to show and says so; a file no attestation can be is refused', async () => {
    const { file } = await read(JSON.stringify({ a: 'x'.repeat(DOCUMENT_SHOWN_MAX) }));
    expect(file.cut).toBe(true);
    expect(file.text.length).toBeLessThanOrEqual(DOCUMENT_SHOWN_MAX);
    const large = { name: 'm.onnx', size: CLAIM_BUNDLE_MAX + 1 } as MemorySource;
    await expect(readRecord(large, signal)).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });
  it('says the same as the file, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        expect(JSON.parse(indentJson(json, 1e6))).toEqual(JSON.parse(json));
      }),
    );
  });
  it('never fails on bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((j) => new TextEncoder().encode(j)),
        ),
        async (bytes) => {
          expect((await read(bytes)).file.size).toBe(bytes.length);
        },
      ),
    );
  });
});
