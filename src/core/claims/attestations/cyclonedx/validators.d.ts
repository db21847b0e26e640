/** Made while building by scripts/cyclonedx-plugin.mjs from the published schemas. */

/** One failure as Ajv writes it. */
interface SchemaFailure {
  /** JSON pointer into the bill. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface SchemaValidator {
  /** @param this `unique`: whether no two values of a list are equal */
  (this: { unique(list: readonly unknown[]): boolean }, bill: unknown): boolean;
  /** Of the last call; the failures of every alternative before the failure of the choice. */
  errors?: readonly SchemaFailure[] | null;
}

declare module 'virtual:cyclonedx-1.5' {
  export const validate: SchemaValidator;
}
declare module 'virtual:cyclonedx-1.6' {
  export const validate: SchemaValidator;
}
declare module 'virtual:cyclonedx-1.7' {
  export const validate: SchemaValidator;
}
