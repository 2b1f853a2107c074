/** A secret that was just made, with the name of its key. */
export interface Secret {
  name: string;
  text: string;
}
