import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { describeFile, type FileDescription } from './describe.ts';
import { unfinishedByCompanion } from './disguise/unfinished.ts';
import { detectNotAModel, type NotAModel } from './not-a-model.ts';
import { concat, GgufWriter, tensor, text, writeSafetensors } from './writers.suite.ts';

const look = (bytes: Uint8Array | string, name = 'model.bin'): NotAModel | null => {
  const all = typeof bytes === 'string' ? text(bytes) : bytes;
  return detectNotAModel(all.subarray(0, 4096), { name, size: all.length, tail: all.subarray(-65_536) });
};
const kind = (bytes: Uint8Array | string, name?: string): string | null => look(bytes, name)?.kind ?? null;
const bin = (latin1: string, zeros = 40): Uint8Array =>
  concat(
    Uint8Array.from(latin1, (char) => char.charCodeAt(0)),
    new Uint8Array(zeros),
  );
const describeBytes = (bytes: Uint8Array, name: string): Promise<FileDescription> =>
  describeFile(new MemorySource(name, bytes));

/** Bytes as evenly mixed as weights, the same in every run. */
function noise(length: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / 32) * 32);
  for (let i = 0; i < out.length; i += 32) out.set(createHash('sha256').update(`noise ${i}`).digest(), i);
  return out.subarray(0, length);
}
const weights = (length: number): Uint8Array => {
  const w = new GgufWriter();
  const metadata = [
    ['general.architecture', w.value('STRING', 'llama')],
    ['llama.attention.layer_norm_rms_epsilon', w.value('FLOAT32', 1e-5)],
    ['general.file_type', w.value('UINT32', 1)],
  ] as const;
  return w.file(metadata, [{ name: 'w', dtype: 'F32', shape: [length / 4], bytes: noise(length) }]);
};
/** As a tool that takes the bytes for text leaves them. */
const asText = (bytes: Uint8Array): Uint8Array => text(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));

describe('detectNotAModel', () => {
  it('reads what a pointer states about the real file', () => {
    const oid = '4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393';
    const lfs = { kind: 'git-lfs-pointer', detail: { oid, algorithm: 'sha256', size: 12_345_678 } };
    const lines = ['version https://git-lfs.github.com/spec/v1', `oid sha256:${oid}`, 'size 12345678', ''];
    expect(look(lines.join('\n'))).toEqual(lfs);
    expect(look(lines.join('\r\n'))).toEqual(lfs);
    const extended = [lines[0], `ext-0-foo sha256:${'ab'.repeat(32)}`, ...lines.slice(1)];
    expect(look(extended.join('\n'))).toEqual(lfs);
    expect(look(`version https://git-lfs.github.com/spec/v1\nsize x\n`)).toEqual({
      kind: 'git-lfs-pointer',
      detail: {},
    });
    expect(look(`# xet version 0\nfilesize = 10\nhash = '${oid}'\n`)).toEqual({
      kind: 'xet-pointer',
      detail: { xetHash: oid, size: 10 },
    });
    expect(look(`/annex/objects/SHA256E-s1048576--${oid}.bin\n`)?.detail).toEqual({
      key: `SHA256E-s1048576--${oid}.bin`,
      oid,
      algorithm: 'sha256',
      size: 1_048_576,
    });
    expect(kind(`../../.git/annex/objects/aa/bb/MD5E-s5--x/MD5E-s5--x`)).toBe('git-annex-pointer');
  });

  it('does not take a long text that begins like a pointer for one', () => {
    expect(kind(`version https://git-lfs.github.com/spec/v1\n${'x'.repeat(2000)}`)).toBe('text');
  });

  it('names what a server sent in place of the file, with its own words', () => {
    expect(look('<!DOCTYPE html>\n<html><head><title> Sign in </title>')).toEqual({
      kind: 'html',
      detail: { title: 'Sign in' },
    });
    expect(kind('\n  <html lang=en><body>502')).toBe('html');
    expect(kind('<?xml version="1.0"?>\n<!DOCTYPE html><html>')).toBe('html');
    expect(kind('<!-- saved -->\n<!doctype html>')).toBe('html');
    expect(look('<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>No</Message></Error>')).toEqual({
      kind: 'xml',
      detail: { code: 'AccessDenied', message: 'No' },
    });
    expect(look('{"error":"Repository not found"}')).toEqual({
      kind: 'json',
      detail: { error: 'Repository not found' },
    });
    expect(look('{"error":{"code":403,"message":"gated"}}')).toEqual({ kind: 'json', detail: { error: 'gated' } });
    expect(look('{"__proto__":{"error":"x"}}')).toEqual({ kind: 'json', detail: {} });
    expect(kind(`{"a": "${'x'.repeat(9000)}"}`)).toBe('json');
    expect(look('Entry not found\n')).toEqual({ kind: 'text', detail: { start: 'Entry not found' } });
  });

  it('knows archives, documents, programs and old models by their first bytes', () => {
    expect(kind(bin('\x1f\x8b\x08'))).toBe('gzip');
    expect(kind(bin('\xfd7zXZ\x00'))).toBe('xz');
    expect(kind(bin('\x28\xb5\x2f\xfd'))).toBe('zstd');
    expect(kind(bin('BZh91AY&SY'))).toBe('bzip2');
    expect(kind('BZhi there')).toBe('text');
    expect(kind(bin('7z\xbc\xaf\x27\x1c'))).toBe('7z');
    expect(kind(bin('Rar!\x1a\x07\x01\x00'))).toBe('rar');
    expect(kind('%PDF-1.7\n')).toBe('pdf');
    expect(kind(bin('\x89PNG\r\n\x1a\n'))).toBe('png');
    expect(kind(bin('\x7fELF\x02'))).toBe('elf');
    expect(kind(bin('MZ\x90'))).toBe('pe');
    expect(kind('MZ is not a program')).toBe('text');
    expect(look(bin('tjgg\x01'))).toMatchObject({ kind: 'ggml-legacy', detail: { magic: 'ggjt' } });
    expect(kind(bin('PK\x03\x04'))).toBe('zip');
    expect(kind(bin('PK\x03\x04......archive/data.pkl'))).toBe('pytorch-zip');
    expect(kind(bin('\x80\x02}q\x00.'))).toBe('pickle');
    expect(kind(bin('\xff\xfe{\x00"\x00'))).toBe('utf16');
    expect(kind(new Uint8Array(Buffer.from('{"hello": "world"}', 'utf16le')))).toBe('utf16');
  });

  it('does not take a safetensors header length for a signature', () => {
    for (const length of [0x5a4d, 0x8b1f, 0x280]) {
      const bytes = writeSafetensors([tensor('w', 'F32', [4])], { pad: '' });
      const padded = concat(
        new Uint8Array(8),
        bytes.subarray(8, bytes.length - 16),
        text(' '.repeat(length - (bytes.length - 24))),
        new Uint8Array(16),
      );
      new DataView(padded.buffer).setUint32(0, length, true);
      expect(kind(padded)).toBeNull();
    }
  });

  it('tells empty, short, zero and unfinished files apart', () => {
    expect(kind('')).toBe('empty');
    expect(look(Uint8Array.of(0))).toEqual({ kind: 'truncated', detail: { bytes: 1 } });
    expect(kind(new Uint8Array(4096))).toBe('all-zero');
    expect(kind(concat(new Uint8Array(5000), Uint8Array.of(1)))).toBeNull();
    expect(kind(bin('PK\x03\x04'), 'model.pt.crdownload')).toBe('partial-download');
    for (const ending of ['incomplete', 'part', 'PART', 'download', 'aria2', 'tmp']) {
      expect(look('x', `a/b.gguf.${ending}`)).toMatchObject({ kind: 'partial-download' });
    }
    expect(unfinishedByCompanion(['m/a.gguf', 'm/a.gguf.aria2', 'b.gguf'])).toEqual(new Set(['m/a.gguf']));
  });

  it('recognises base64 by what it decodes to', () => {
    const bytes = writeSafetensors([tensor('w', 'F32', [40])]);
    const encoded = Buffer.from(bytes).toString('base64');
    expect(look(encoded)).toEqual({ kind: 'base64', detail: { inside: 'safetensors' } });
    expect(kind(encoded.replaceAll(/.{76}/g, '$&\r\n'))).toBe('base64');
    expect(kind('ab'.repeat(64))).toBe('text');
    expect(kind('just some words')).toBe('text');
  });

  it('takes no ordinary model for anything else, whatever its weights', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 9000 }), fc.boolean(), (bytes, safe) => {
        const data = bytes.subarray(0, bytes.length - (bytes.length % 4));
        const shape = [data.length / 4];
        const one = { name: 'w', dtype: 'F32', shape, bytes: data };
        const file = safe ? writeSafetensors([one]) : new GgufWriter().file([], [one]);
        expect(kind(file)).toBeNull();
      }),
    );
    const positions = new Uint8Array(new BigInt64Array(Array.from({ length: 77 }, (_, i) => BigInt(i))).buffer);
    expect(kind(writeSafetensors([{ name: 'position_ids', dtype: 'I64', shape: [77], bytes: positions }]))).toBeNull();
    const json = text(
      JSON.stringify({ quant_type: 'nf4', blocksize: 64, shape: [1024, 1024], dtype: 'bfloat16' }).repeat(8),
    );
    expect(
      kind(writeSafetensors([{ name: 'quant_state', dtype: 'U8', shape: [json.length], bytes: json }])),
    ).toBeNull();
  });
});

describe('describeFile', () => {
  it('lets content decide over the name, and says when they differ', async () => {
    const safe = writeSafetensors([tensor('w', 'F32', [4])]);
    const found = await describeBytes(safe, 'model.gguf');
    expect(found.opened?.format).toBe('safetensors');
    expect(found.findings).toEqual([
      { code: 'extension-mismatch', severity: 'caution', detail: { named: 'GGUF', format: 'safetensors' } },
    ]);
    expect((await describeBytes(safe, 'model.safetensors')).findings).toEqual([]);
    const pickled = await describeBytes(bin('\x80\x02cos\nsystem\n', 0), 'model.safetensors');
    expect(pickled.findings.map(({ code }) => code)).toEqual(['extension-mismatch']);
    expect((await describeBytes(bin('\x7fELF'), 'model.bin')).findings).toMatchObject([{ code: 'executable' }]);
  });

  it('refuses what only has the name of a format as that format, and the rest as unknown', async () => {
    expect((await describeBytes(noise(200), 'model.gguf')).formatError?.code).toBe('FORMAT_MAGIC');
    expect((await describeBytes(noise(200), 'model.weights')).formatError?.code).toBe('FORMAT_UNKNOWN');
    expect((await describeBytes(bin('\0\0\0\0ET12'), 'model.x')).formatError?.detail).toMatchObject({
      container: 'ExecuTorch',
    });
  });

  it('shows an unfinished download for what it is, unless it turns out to be whole', async () => {
    const safe = writeSafetensors([tensor('w', 'F32', [40])]);
    expect((await describeBytes(safe.slice(0, -1), 'model.safetensors.part')).notAModel?.kind).toBe('partial-download');
    expect((await describeBytes(safe, 'model.safetensors.part')).opened?.tensors).toHaveLength(1);
  });

  it('names the damage that a transfer did, in the header or only in the weights', async () => {
    const safe = writeSafetensors([{ name: 'w', dtype: 'F32', shape: [256], bytes: noise(1024) }]);
    const model = weights(1024);
    expect((await describeBytes(asText(safe), 'model.safetensors')).notAModel?.kind).toBe('utf8-mangled');
    expect((await describeBytes(asText(model), 'model.gguf')).notAModel?.kind).toBe('utf8-mangled');
    expect(
      (
        await describeBytes(
          model.map((byte) => byte & 127),
          'model.gguf',
        )
      ).notAModel?.kind,
    ).toBe('seven-bit');
    const large = Buffer.from(weights(8192)).toString('latin1');
    const windows = new Uint8Array(Buffer.from(large.replaceAll('\n', '\r\n'), 'latin1'));
    expect((await describeBytes(windows, 'model.gguf')).notAModel?.kind).toBe('crlf-mangled');
    expect((await describeBytes(concat(model, noise(512)), 'model.gguf')).opened?.tensors).toHaveLength(1);
  });

  it('does not call a model damaged because its vocabulary has the replacement character', async () => {
    const w = new GgufWriter();
    const tokens = w.array('STRING', ['<s>', '\ufffd', 'é']);
    const file = w.file(
      [
        ['general.architecture', w.value('STRING', 'llama')],
        ['tokenizer.ggml.tokens', tokens],
      ],
      [],
    );
    expect((await describeBytes(file, 'vocab.gguf')).opened?.format).toBe('gguf');
    expect((await describeBytes(file.slice(0, -1), 'vocab.gguf')).formatError?.code).toBe('FORMAT_TRUNCATED');
  });

  it('asks a large file for its edges once', async () => {
    const bytes = writeSafetensors([{ name: 'w', dtype: 'F32', shape: [100_000], bytes: noise(400_000) }]);
    const reads: [number, number][] = [];
    const inner = new MemorySource('model.safetensors', bytes);
    const read = inner.read.bind(inner);
    inner.read = (start, end, signal) => {
      reads.push([start, end]);
      return read(start, end, signal);
    };
    expect((await describeFile(inner)).opened?.tensors).toHaveLength(1);
    expect(reads).toEqual([
      [0, 65_536],
      [bytes.length - 65_568, bytes.length],
    ]);
  });

  it('answers for any bytes under any name', async () => {
    const name = fc.constantFrom('a.gguf', 'a.safetensors', 'a.bin', 'a.gguf.part', 'a');
    const start = fc.constantFrom(
      '',
      'GGUF\x03\0\0\0',
      '\x80\x02}',
      'PK\x03\x04',
      '<',
      '{',
      '\xff\xfe',
      'version https://git-lfs',
      '\x20\0\0\0\0\0\0\0{"',
    );
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), name, async (first, bytes, file) => {
        const found = await describeBytes(concat(bin(first, 0), bytes), file);
        const answers = [found.notAModel, found.opened, found.formatError].filter((answer) => answer !== undefined);
        expect(answers).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
