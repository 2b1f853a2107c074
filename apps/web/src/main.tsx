import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { problemBehind } from "./api/problem.ts";
import { App } from "./app.tsx";
import { meKey } from "./features/accounts/me.ts";
import { applyTheme, storedTheme } from "./ui/theme.ts";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/tables.css";
import "./styles/datasets.css";
import "./styles/texts.css";
import "./styles/figures.css";
import "./styles/monitoring.css";
import "./styles/serving.css";
import "./styles/motion.css";

applyTheme(storedTheme());

/** A log-in that has run out shows itself anywhere; asking who is logged in then leads to the log-in page. */
const onError = (error: unknown) => {
  if (problemBehind(error).status === 401) client.setQueryData(meKey, null);
};

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (count, error) =>
        count < 2 && (problemBehind(error).status === 0 || problemBehind(error).status >= 500),
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
