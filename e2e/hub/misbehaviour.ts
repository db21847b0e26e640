/** What a server can do wrong, asked for by a test. */
export type Wrong =
  /** Answers with a status instead, with headers and body as given. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** 200 and the whole file, whatever range was asked for. */
  | { readonly kind: 'ignore-range' }
  /** 206 about other bytes: `header` replaces Content-Range, by default one byte further on. */
  | { readonly kind: 'lie-content-range'; readonly header?: string }
  /** The bytes of another range, under an honest-looking Content-Range. */
  | { readonly kind: 'shift-body'; readonly by: number }
  /** Announces everything, closes the connection after `bytes` of body. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** Ends the body properly after `bytes`, without Content-Length. */
  | { readonly kind: 'short'; readonly bytes: number }
  /** Sends `bytes` more than there are, without Content-Length. */
  | { readonly kind: 'longer'; readonly bytes: number }
  /** Another ETag (and Last-Modified) from now on; null: none at all. */
  | { readonly kind: 'change-etag'; readonly etag: string | null }
  /** Another content of the same length: every byte changed from `from` on (default 0). */
  | { readonly kind: 'change-content'; readonly from?: number; readonly etag?: string }
  /** `bytes` of body, then a pause of `ms`, and so on. */
  | { readonly kind: 'slow'; readonly bytes: number; readonly ms: number }
  /** `bytes` of body, then nothing more; -1: not even a header. */
  | { readonly kind: 'stall'; readonly bytes: number }
  /** Closes the connection without an answer. */
  | { readonly kind: 'drop' }
  /** No CORS header on this answer. */
  | { readonly kind: 'no-cors' }
  /** CORS, but no Access-Control-Expose-Headers. */
  | { readonly kind: 'hide-headers' }
  /** Leaves these headers away (also from what Node can see). */
  | { readonly kind: 'omit-headers'; readonly names: readonly string[] }
  | { readonly kind: 'redirect'; readonly to: string; readonly status?: number }
  | { readonly kind: 'redirect-loop' }
  /** Compresses, whatever the client accepts. */
  | { readonly kind: 'gzip' }
  /** A JSON array that never ends. */
  | { readonly kind: 'huge-json' }
  | { readonly kind: 'json'; readonly body: string }
  /** A `Link: rel="next"` to this address on every page. */
  | { readonly kind: 'next'; readonly to: string };

export interface Misbehaviour {
  /** Matched against `host/path`; the host is `api` or `cdn`, so `/^cdn.*model/` is the file behind the redirect. */
  readonly path: RegExp;
  readonly wrong: Wrong;
  /** Well-behaved requests before. Default 0. */
  readonly after?: number;
  /** Misbehaved requests. Default: all. */
  readonly count?: number;
}

/** The misbehaviours asked for, with how often each has matched. */
export class Manners {
  #rules: { readonly rule: Misbehaviour; seen: number }[] = [];

  add(rule: Misbehaviour): void {
    this.#rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** What to do wrong with this request; several rules may apply. Counts it. */
  of(where: string): readonly Wrong[] {
    const wrongs: Wrong[] = [];
    for (const entry of this.#rules) {
      const { path, wrong, after = 0, count = Infinity } = entry.rule;
      if (!path.test(where)) continue;
      entry.seen += 1;
      if (entry.seen > after && entry.seen <= after + count) wrongs.push(wrong);
    }
    return wrongs;
  }
}

export function find<K extends Wrong['kind']>(
  wrongs: readonly Wrong[],
  kind: K,
): Extract<Wrong, { kind: K }> | undefined {
  return wrongs.find((wrong): wrong is Extract<Wrong, { kind: K }> => wrong.kind === kind);
}
