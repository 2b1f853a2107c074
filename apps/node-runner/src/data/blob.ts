/** A whole file, whatever its path: its name (see `BlobNamer`) and its bytes. */
export interface Blob {
  sha256: string;
  size: number;
}
