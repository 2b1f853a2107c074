const COLOURS = 8;

/** The colour of the n-th line or part, from the style sheet, so that it fits the theme. */
export const lineColour = (index: number): string => `var(--line-${(index % COLOURS) + 1})`;
