import { truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { browserFetch } from '../../../e2e/hub/fixture.ts';
import type { NetworkEvent } from '../progress.ts';
import { BYTES, digest, HttpBed, SIZE, transport, TRUTH } from './http.suite.ts';
import { openHttp } from './http.ts';
import { collect, sha256, sourceSuite } from './source.suite.ts';

const bed = new HttpBed();

let number = 0;
sourceSuite({
  title: 'HttpSource',
  async open(bytes) {
    const name = `suite${(number += 1)}.bin`;
    const path = join(bed.fixture.folder, 'org/m/main', name);
    await bed.fixture.put(`org/m/main/${name}`, bytes);
    const source = await openHttp({ name, url: bed.address(name) }, transport({ stallMs: 5000 }));
    return {
      source,
      async change(how) {
        if (how === 'grow') return writeFile(path, Buffer.concat([bytes, Buffer.from('x')]));
        if (how === 'shrink') return truncate(path, bytes.length - 1);
        await writeFile(path, Buffer.from(bytes).fill(1, 3_000_000));
        return utimes(path, 1, 1);
      },
    };
  },
  big: 4_000_001,
  notices: ['grow', 'shrink', 'rewrite'],
});

describe('HttpSource against a well-behaved server', () => {
  it('gives the right digest with one header request, one pass and one look back, by GET and simple ranges only', async () => {
    const from = bed.fixture.hub.log.length;
    expect(await digest(await bed.open({}, SIZE))).toBe(TRUTH);
    const log = bed.fixture.hub.log.slice(from);
    expect(log.map(({ method, host, headers }) => `${method} ${host} ${headers.range}`)).toEqual([
      'GET api bytes=0-65535',
      'GET cdn bytes=0-65535',
      'GET cdn bytes=0-',
      'GET cdn bytes=0-65535',
    ]);
    expect(log.every(({ headers }) => headers['accept-encoding'] === 'identity')).toBe(true);
  });

  it('serves reads within the first 64 KiB without another request', async () => {
    const source = await bed.open();
    const from = bed.fixture.hub.log.length;
    expect([...(await source.read(100, 110))]).toEqual([...BYTES.subarray(100, 110)]);
    expect(bed.fixture.hub.log).toHaveLength(from);
    expect([...(await source.read(70_000, 70_010))]).toEqual([...BYTES.subarray(70_000, 70_010)]);
    expect(bed.fixture.hub.log.slice(from).map(({ headers }) => headers.range)).toEqual(['bytes=70000-70009']);
  });

  it('opens files smaller than the first request, empty ones, and ones outside LFS', async () => {
    await bed.fixture.put('org/m/main/tiny.bin', BYTES.subarray(0, 1000));
    await bed.fixture.put('org/m/main/empty.bin', '');
    await bed.fixture.put('org/m/main/config.json', '{"a":1}');
    for (const file of ['tiny.bin', 'empty.bin', 'config.json']) {
      const source = await openHttp({ name: file, url: bed.address(file) }, transport());
      const bytes = await collect(source.stream(0, source.size));
      expect(sha256(bytes)).toBe(
        sha256({ 'tiny.bin': BYTES.subarray(0, 1000), 'empty.bin': Buffer.from('') }[file] ?? Buffer.from('{"a":1}')),
      );
      await source.settle();
    }
  });

  it('sends authorization to the host of the address only', async () => {
    const from = bed.fixture.hub.log.length;
    const source = await openHttp({ name: 'm', url: bed.address(), authorization: 'Bearer hf_x' }, transport());
    expect(await digest(source)).toBe(TRUTH);
    for (const { host, headers } of bed.fixture.hub.log.slice(from)) {
      expect(headers.authorization).toBe(host === 'api' ? 'Bearer hf_x' : undefined);
    }
  });

  it('tells the network log about every request, without signatures, with the host that answered', async () => {
    const events: NetworkEvent[] = [];
    expect(await digest(await bed.open({ network: (event) => events.push(event) }))).toBe(TRUTH);
    expect(events.map(({ status, bytes }) => [status, bytes])).toEqual([
      [206, 65_536],
      [206, SIZE],
      [206, 65_536],
    ]);
    expect(events[0]!.url).toBe(bed.address());
    expect(events[0]!.answeredBy).toMatch(`${bed.fixture.hub.cdnUrl}/repos/org/m/`);
    expect(JSON.stringify(events)).not.toContain('Signature');
  });

  it('asks the original address again when the signed one has expired', async () => {
    const source = await bed.open();
    bed.wrong({ kind: 'status', status: 403 }, { count: 1 });
    expect(await digest(source)).toBe(TRUTH);
  });

  it('finds size and bytes in a browser that is shown no Content-Range and no ETag', async () => {
    bed.wrong({ kind: 'hide-headers' });
    const source = await bed.open({ fetchFn: browserFetch('https://assay.example') });
    expect(source.size).toBe(SIZE);
    expect(source.random).toBe(true);
    expect(await digest(source)).toBe(TRUTH);
  });
});
