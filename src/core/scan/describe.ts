import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import type { ErrorData } from '../errors.ts';
import type { OpenArtifact } from '../formats/format.ts';
import type { NotAModel } from '../formats/not-a-model.ts';

/** What a file says about itself, from header reads alone. */
export interface Description {
  readonly notAModel?: NotAModel;
  readonly opened?: OpenArtifact;
  /** Why a container that was recognised could not be opened. */
  readonly formatError?: ErrorData;
  readonly findings?: readonly Finding[];
}

export async function describeHead(source: ByteSource, signal: AbortSignal): Promise<Description> {
  void source;
  void signal;
  return {};
}
