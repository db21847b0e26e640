/** What the tests of HttpSource share: one file of known bytes behind the Hub double, and ways to open it. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { hubFixture, quickClock, type HubFixture } from '../../../e2e/hub/fixture.ts';
import type { Misbehaviour, Wrong } from '../../../e2e/hub-server.ts';
import { AppError } from '../errors.ts';
import { openHttp } from './http.ts';
import { pattern, sha256 } from './source.suite.ts';
import type { ByteSource } from './source.ts';
import type { HttpTransport } from './transport.ts';

export const SIZE = 300_000;
export const BYTES = pattern(SIZE);
export const TRUTH = sha256(BYTES);

/** A running double with `model.safetensors` (in LFS, so behind the CDN), set up and taken down around the tests of a file. */
export class HttpBed {
  #fixture: HubFixture | null = null;

  constructor() {
    beforeAll(async () => {
      this.#fixture = await hubFixture();
      await this.fixture.put('org/m/main/model.safetensors', BYTES);
    });
    afterAll(() => this.fixture.close());
    afterEach(() => this.fixture.hub.behave());
  }

  get fixture(): HubFixture {
    return this.#fixture!;
  }

  address(file = 'model.safetensors'): string {
    return `${this.fixture.hub.url}/org/m/resolve/main/${file}`;
  }

  /** Lets the CDN do something wrong with the model. */
  wrong(wrong: Wrong, more: Partial<Misbehaviour> = {}): void {
    this.fixture.hub.misbehave({ path: /^cdn.*model/, wrong, ...more });
  }

  open(more: Partial<HttpTransport> = {}, size?: number): Promise<ByteSource> {
    return openHttp({ name: 'm', url: this.address(), ...(size === undefined ? {} : { size }) }, transport(more));
  }
}

export function transport(more: Partial<HttpTransport> = {}): HttpTransport {
  return { fetchFn: (url, init) => fetch(url, init), clock: quickClock(), stallMs: 1000, ...more };
}

/** One full pass and the look back after it. */
export async function digest(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.stream(0, source.size)) hash.update(chunk);
  await source.settle();
  return hash.digest('hex');
}

/** The error's code and facts in one value. */
export async function failure(work: Promise<unknown>): Promise<{ code: string } & Record<string, unknown>> {
  return work.then(
    (value) => ({ code: `no error, ${JSON.stringify(value)}` }),
    (error: unknown) => (error instanceof AppError ? { ...error.detail, code: error.code } : { code: String(error) }),
  );
}
