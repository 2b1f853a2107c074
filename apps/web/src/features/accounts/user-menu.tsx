import { useState } from "react";
import type { Me } from "../../api/types.ts";
import { Link } from "../../router/router.tsx";
import { applyTheme, storedTheme, THEMES, type Theme } from "../../ui/theme.ts";
import { useSignOut } from "./me.ts";

const THEME_TEXT: Record<Theme, string> = {
  auto: "Theme: as the system",
  light: "Theme: light",
  dark: "Theme: dark",
};

/** Who is logged in, the theme and the way out. */
export function UserMenu({ me }: { me: Me }) {
  const signOut = useSignOut();
  const [theme, setTheme] = useState(storedTheme);
  const nextTheme = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    applyTheme(next);
    setTheme(next);
  };
  return (
    <div className="user-menu">
      <button
        type="button"
        className="icon-button"
        onClick={nextTheme}
        title={THEME_TEXT[theme]}
        aria-label={THEME_TEXT[theme]}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="10" cy="10" r="7.25" className="theme-ring" />
          {theme === "light" ? null : theme === "dark" ? (
            <circle cx="10" cy="10" r="7.25" className="theme-fill" />
          ) : (
            <path d="M10 2.75a7.25 7.25 0 0 1 0 14.5z" className="theme-fill" />
          )}
        </svg>
      </button>
      <Link to="/notifications" className="user-name">
        Notifications
      </Link>
      <Link to="/account" className="user-name" title={`${me.email} (${me.role})`}>
        {me.name}
      </Link>
      <button
        type="button"
        className="button small"
        onClick={() => signOut.mutate()}
        disabled={signOut.isPending}
      >
        Log out
      </button>
    </div>
  );
}
