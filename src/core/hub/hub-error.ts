import { statedPause } from '../bytes/patience.ts';
import type { Answer } from '../bytes/request.ts';
import { AppError } from '../errors.ts';

/** What a request was about, for the words. */
export interface Asked {
  readonly repo: string;
  readonly revision?: string;
  readonly file?: string;
  /** True when a token was sent. */
  readonly token: boolean;
}

/**
 * The code for an answer that is no success. The Hub says more in `X-Error-Code` than in the status: strangers get 401
 * for a missing repository and for a private one alike, and 404 for three different things that are missing.
 */
export function hubError(answer: Answer, asked: Asked, now: number): AppError {
  const { repo, revision, file } = asked;
  const detail = {
    repo,
    status: answer.status,
    ...(revision === undefined ? {} : { revision }),
    ...(file === undefined ? {} : { file }),
  };
  switch (answer.headers.get('x-error-code')) {
    case 'GatedRepo':
      return new AppError('HUB_GATED', detail);
    case 'RevisionNotFound':
      return new AppError('HUB_REVISION', detail);
    case 'EntryNotFound':
      return new AppError('HUB_NOT_FOUND', detail);
    case 'RepoNotFound':
      if (asked.token || answer.status !== 401) return new AppError('HUB_NOT_FOUND', { repo, status: answer.status });
      return new AppError('HUB_UNAUTHORISED', detail);
  }
  if (answer.status === 401) return new AppError('HUB_UNAUTHORISED', { ...detail, token: asked.token });
  if (answer.status === 403) return new AppError('HUB_FORBIDDEN', detail);
  if (answer.status === 404 || answer.status === 410) return new AppError('HUB_NOT_FOUND', detail);
  if (answer.status === 429) {
    const seconds = statedPause(answer.headers, now);
    return new AppError('HUB_RATE_LIMITED', seconds === undefined ? detail : { ...detail, seconds });
  }
  if (answer.status >= 500) return new AppError('HUB_SERVER', detail);
  return new AppError('HUB_RESPONSE', { ...detail, reason: 'status' });
}
