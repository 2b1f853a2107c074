import { lazy, Suspense } from "react";
import type { PlotProps } from "./plot.tsx";

// The plotting library comes only with the pages that plot.
const Loaded = lazy(() => import("./plot.tsx"));

/** A plot of one metric, in a place of its final height while it loads. */
export function Plot(props: PlotProps) {
  return (
    <Suspense fallback={<div className="plot plot-coming" />}>
      <Loaded {...props} />
    </Suspense>
  );
}
