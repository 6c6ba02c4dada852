/** A configuration as it is written down: the name is given, everything else has a default. */
export type Configured<T extends { readonly name: string }> = T extends unknown
  ? Pick<T, "name"> & { readonly [K in Exclude<keyof T, "name">]?: T[K] | undefined }
  : never;
