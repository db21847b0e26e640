import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { SAMPLE } from '../../../e2e/sample-report.ts';
import { AppError } from '../../core/errors.ts';
import { formatDeepLink, parseDeepLink } from './deep-link.ts';
import { parseRoute } from './route.ts';
import { packReport, unpackReport } from './shared-report.ts';

const at = (search: string, hash = '') => parseRoute({ search, hash });

describe('route', () => {
  it('is Home for an empty and for an unknown address', () => {
    expect(at('').screen).toBe('home');
    expect(at('', '#/nowhere').screen).toBe('home');
    expect(at('', '#/report/').screen).toBe('home');
    expect(at('', '#/report/<script>').screen).toBe('home');
  });
  it('is the deep link only while no screen is named behind it', () => {
    expect(at('?repo=org/name')).toEqual({ screen: 'link', link: { repo: 'org/name', depth: 'headers' } });
    expect(at('?repo=org/name', '#/progress').screen).toBe('progress');
  });
  it('is a shared report whatever else the address says', () => {
    expect(at('?repo=a/b', '#report=abc')).toEqual({ screen: 'shared', packed: 'abc' });
  });
});

describe('deep link', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            repo: fc.stringMatching(/^[\w.-]{1,40}\/[\w.-]{1,40}$/),
            revision: fc.stringMatching(/^[\w./+&#=%-]{1,60}$/),
            file: fc.stringMatching(/^[\w./ +&#=%-]{1,60}$/).filter((text) => text === text.trim() && text !== ''),
            depth: fc.constantFrom('headers' as const, 'full' as const),
            digest: fc.stringMatching(/^sha256:[0-9a-f]{64}$/),
          },
          { requiredKeys: ['repo', 'depth'] },
        ),
        (link) => {
          expect(parseDeepLink(formatDeepLink(link))).toEqual(link);
        },
      ),
    );
  });
  it('keeps slashes and colons readable', () => {
    expect(formatDeepLink({ repo: 'org/name', depth: 'full', digest: 'sha256:ab' })).toBe(
      '?repo=org/name&depth=full&digest=sha256:ab',
    );
  });
  it('ignores values that are too long to be anybody’s', () => {
    expect(parseDeepLink(`?repo=${'x'.repeat(600)}`)).toBeNull();
  });
});

describe('shared report', () => {
  it('brings verdict, axes, checks and digests of files to whoever opens it', async () => {
    const opened = await unpackReport(await packReport(SAMPLE));
    expect(opened.verdict).toEqual(SAMPLE.verdict);
    expect(opened.axes).toEqual(SAMPLE.axes);
    expect(opened.subject).toEqual(SAMPLE.subject);
    expect(opened.checks).toHaveLength(SAMPLE.checks.length);
    expect(opened.artifacts.map((a) => a.digests)).toEqual(SAMPLE.artifacts.map((a) => a.digests));
  });
  it('carries contradictions first and stays below 8 kB for a model of thousands of files', async () => {
    const files = Array.from({ length: 3000 }, (_, i) => ({
      ...SAMPLE.artifacts[0]!,
      path: `shard-${i}-${Math.sin(i)}`,
    }));
    const checks = files.map(({ path }, i) => ({
      ...SAMPLE.checks[1]!,
      id: path,
      path,
      outcome: i === 2999 ? ('contradicts' as const) : ('matches' as const),
      expected: `${i}`.padStart(64, '0'),
      actual: `${i}`.padStart(64, '0'),
    }));
    const packed = await packReport({ ...SAMPLE, artifacts: files, checks });
    expect(packed.length).toBeLessThanOrEqual(8000);
    expect((await unpackReport(packed)).checks[0]?.outcome).toBe('contradicts');
  });
  it('does not carry tensors, metadata or findings', async () => {
    const opened = await unpackReport(await packReport(SAMPLE));
    expect(opened.findings).toEqual([]);
    expect(opened.artifacts.every((a) => a.tensors.length === 0 && a.metadata.length === 0)).toBe(true);
  });
  it('refuses a text that is not a report with USAGE, never with anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]{1,200}$/)), async (text) => {
        await expect(unpackReport(text)).rejects.toSatisfy((e) => e instanceof AppError && e.code === 'USAGE');
      }),
    );
  });
  it('refuses a report whose outcome was replaced by another word', async () => {
    const forged = { ...SAMPLE, verdict: { ...SAMPLE.verdict, outcome: 'safe' as 'matches' } };
    await expect(unpackReport(await packReport(forged))).rejects.toThrow('USAGE');
  });
  it('refuses eight kilobytes that unfold to more than a report', async () => {
    const bomb = new Blob([JSON.stringify({ a: 'x'.repeat(5_000_000) })]);
    const stream = bomb.stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const packed = btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/=+$/, '');
    expect(packed.length).toBeLessThan(8000);
    await expect(unpackReport(packed)).rejects.toThrow('USAGE');
  });
});
