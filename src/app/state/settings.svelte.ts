/** What a person chose: theme (kept), Hub token (this page only, never stored). */
import { Persisted } from './persisted.svelte.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (value: unknown): value is Theme => THEMES.some((theme) => theme === value);

export class Settings {
  readonly #theme = new Persisted<Theme>('theme', 'system', isTheme);
  /** Sent to huggingface.co only. Empty: none. */
  token = $state('');

  get theme(): Theme {
    return this.#theme.current;
  }

  /** Also read by boot.js before the first paint, from the same place. */
  set theme(theme: Theme) {
    this.#theme.current = theme;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }
}
