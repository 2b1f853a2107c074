import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where a hub of daily use listens; `bun run dev` sends API calls there. */
const HUB = "http://127.0.0.1:4400";

export default defineConfig({
  plugins: [react()],
  server: { host: "127.0.0.1", proxy: { "/api": HUB } },
  // No inline script and no data: asset, so that a strict Content-Security-Policy needs no exception.
  build: { target: "es2023", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
});
