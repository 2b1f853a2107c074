/** A wait of up to so many milliseconds, another one in each browser: what many do after one event is spread out. */
export const spread = (mostMs: number): number => Math.random() * mostMs;
