import * as z from "zod/mini";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
export const THEME_COOKIE = "chimera-theme";

/** A cookie, so that the server paints the right colours in the first frame and no script has to run before it. */
export const themeOf = (value: string | undefined): Theme => z.catch(z.enum(themes), "system").parse(value);

export function applyTheme(theme: Theme) {
  document.documentElement.dataset.theme = theme;
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=lax`;
}
