/** The version of this package, written into the models and runs that it makes; a test holds it to package.json. */
export const packageVersion = "0.1.0";
