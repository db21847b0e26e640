/** What `assay signers` can do: apart, so that reading a command line loads nothing else. */
export const SIGNERS_ACTIONS = ['list', 'forget', 'accept', 'export', 'import'] as const;
export type SignersAction = (typeof SIGNERS_ACTIONS)[number];
