/** Files of a TUF repository: bounded, whole, from that host alone. */
import { toHex } from '../../../../bytes/hex.ts';
import { patientRequest } from '../../../../bytes/patience.ts';
import type { HttpTransport } from '../../../../bytes/transport.ts';
import { AppError } from '../../../../errors.ts';
import type { Role } from './metadata.ts';

/** What signed metadata states about a file. */
export interface Stated {
  readonly length?: number | undefined;
  readonly hashes?: Readonly<Record<string, string>> | undefined;
}

export class Repository {
  readonly #base: string;
  readonly #http: HttpTransport;
  readonly #signal: AbortSignal;

  /** @param base address that ends in a slash */
  constructor(base: string, http: HttpTransport, signal: AbortSignal) {
    const { origin } = new URL(base);
    this.#base = base;
    // A redirect to another host would take the person's address to somebody nobody named.
    this.#http = { ...http, allows: (url) => url.origin === origin && (http.allows?.(url) ?? true) };
    this.#signal = signal;
  }

  /**
   * A file that may not exist. A refusal without permission for other sites counts as absent too: file stores answer 404
   * without one, and to withhold a newer root is in anybody's power who is on the way; that is what expiry is for.
   *
   * @throws AppError as `get`
   */
  async find(path: string, most: number): Promise<Uint8Array | null> {
    try {
      return await this.get(path, most);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'SOURCE_NOT_FOUND' || error.code === 'SOURCE_CORS') return null;
      if (error.code === 'SOURCE_HTTP' && error.detail['status'] === 403) return null;
      throw error;
    }
  }

  /**
   * @param most bytes
   * @throws AppError SOURCE_NOT_FOUND, SOURCE_HTTP {status}, SOURCE_TOO_LARGE, SOURCE_OFFLINE, SOURCE_STALLED, SOURCE_CORS,
   *   SOURCE_FORBIDDEN_ORIGIN, SOURCE_ABORTED
   */
  async get(path: string, most: number): Promise<Uint8Array> {
    const url = this.#base + path;
    const answer = await patientRequest(url, { headers: {}, signal: this.#signal }, this.#http);
    try {
      if (answer.status === 404) throw new AppError('SOURCE_NOT_FOUND', { path, host: new URL(url).host });
      if (answer.status !== 200) throw new AppError('SOURCE_HTTP', { url, status: answer.status });
      const chunks: Uint8Array[] = [];
      let size = 0;
      for (let chunk = await answer.read(); chunk !== null; chunk = await answer.read()) {
        size += chunk.length;
        if (size > most) throw new AppError('SOURCE_TOO_LARGE', { path, size, most });
        chunks.push(chunk);
      }
      return joined(chunks, size);
    } finally {
      await answer.cancel();
    }
  }

  /**
   * A file of which signed metadata states length and digests.
   * @throws AppError as `get`; TRUST_HASH {role, name, what}
   */
  async getStated(path: string, name: string, role: Role, stated: Stated, most: number): Promise<Uint8Array> {
    const bytes = await this.get(path, Math.min(stated.length ?? most, most));
    if (stated.length !== undefined && bytes.length !== stated.length) {
      throw new AppError('TRUST_HASH', { role, name, what: 'length' });
    }
    for (const [algorithm, expected] of Object.entries(stated.hashes ?? {})) {
      const known = DIGESTS[algorithm];
      if (known !== undefined && toHex(await digest(known, bytes)) !== expected.toLowerCase()) {
        throw new AppError('TRUST_HASH', { role, name, what: algorithm });
      }
    }
    return bytes;
  }
}

/** Digests of TUF by the names of WebCrypto. */
export const DIGESTS: Readonly<Record<string, string>> = { sha256: 'SHA-256', sha512: 'SHA-512' };

async function digest(algorithm: string, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, bytes.slice()));
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
