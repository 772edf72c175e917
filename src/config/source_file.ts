/** A configuration file as bytes. Included ones are named relative to the root file's directory. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}
