import { describe, expect, it } from 'vitest';
import { createProgressBar, line, printable } from './progress-bar.ts';

describe('the progress bar', () => {
  it('shows bytes, rate and time left', () => {
    expect(line(5e9, 10e9, 10, 'model.safetensors', 100)).toBe(
      '██████████░░░░░░░░░░ 5.0 GB of 10.0 GB, 500.0 MB/s, 10 s left  model.safetensors',
    );
  });
  it('is never wider than the terminal, and keeps the end of a long name', () => {
    for (const columns of [20, 60, 80, 120]) {
      const text = line(5e9, 10e9, 10, 'a/very/long/path/to/some/model-00001-of-00004.safetensors', columns);
      expect(text.length).toBeLessThan(columns);
      if (columns === 120) expect(text).toContain('00004.safetensors');
    }
  });
  it('writes nothing when the output is not a terminal', () => {
    const written: string[] = [];
    const stream = { isTTY: false, write: (s: string) => written.push(s) } as unknown as NodeJS.WriteStream;
    const bar = createProgressBar(stream);
    bar.update(1, 2, 'x');
    bar.clear();
    expect(written).toEqual([]);
  });
  it('escapes control and direction-changing characters of a file name', () => {
    expect(printable('a\x1b[31mred\u202Egnp.exe\n')).toBe('a\\u{1b}[31mred\\u{202e}gnp.exe\\u{a}');
    expect(printable('модель 模型 ☃')).toBe('модель 模型 ☃');
  });
});
