export type Theme = "auto" | "light" | "dark";
export const THEMES: readonly Theme[] = ["auto", "light", "dark"];

const KEY = "podium.theme";

/** The theme chosen on this browser; `auto` follows the system. */
export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === stored) ?? "auto";
  } catch {
    return "auto"; // storage is switched off
  }
}

/** Shows a theme and remembers it. Plots, which are painted on canvases, hear of it by `podium:theme`. */
export function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // storage is switched off: the choice lasts until the page is closed
  }
  window.dispatchEvent(new Event("podium:theme"));
}
