import { describe, expect, it } from 'vitest';
import { roleByName } from './roles.ts';

describe('roleByName', () => {
  it.each([
    ['model-00001-of-00003.safetensors', 'weights'],
    ['sub/MODEL.GGUF', 'weights'],
    ['pytorch_model.bin', 'weights'],
    ['model.safetensors.incomplete', 'weights'],
    ['0a1b2c.crdownload', 'weights'],
    ['config.json', 'side'],
    ['model.safetensors.index.json', 'side'],
    ['tokenizer.model', 'side'],
    ['SHA256SUMS', 'claim'],
    ['model.gguf.sha256', 'claim'],
    ['README.md', 'side'],
    ['modeling_custom.py', 'side'],
    ['chat_template.jinja', 'side'],
    ['picture.png', 'other'],
    ['saved-model/fingerprint.pb', 'other'],
    ['saved-model/saved_model.pb', 'weights'],
    ['LICENSE', null],
    ['blobs/sha256-6a0746a1ec1aef3e7ec53868f220ff6e389f6f8ef87a01d77c96807de94ca2aa', null],
  ])('takes %s for %s', (path, role) => {
    expect(roleByName(path)).toBe(role);
  });
});
