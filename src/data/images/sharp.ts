/** sharp (libvips), an optional package: looked up when it is first needed. */

/** What we use of sharp's interface; its own types are of an optional package. */
export type Sharp = {
  (
    bytes: Uint8Array,
    options: object,
  ): {
    raw(): { toBuffer(options: { resolveWithObject: true }): Promise<{ data: Uint8Array; info: RawInfo }> };
    toColourspace(name: "b-w" | "srgb"): { png(options: object): { toBuffer(): Promise<Uint8Array> } };
  };
  cache(keep: false): void;
};

interface RawInfo {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** A specifier that no bundler or compiler resolves: the package may be missing. */
const nativePackage: string = "sharp";

export async function loadSharp(): Promise<Sharp | undefined> {
  try {
    const { default: sharp } = (await import(/* @vite-ignore */ nativePackage)) as { default: Sharp };
    // Files are decoded once.
    sharp.cache(false);
    return sharp;
  } catch {
    return undefined;
  }
}
