/** Versions and attribute kinds of the ONNX files that we write. Element types are numbered in `graph/tensor.ts`. */
import { AttributeProto_AttributeType } from "onnx-buf";

/** Operator set of every file we write: the operators of `graph/operator-names.ts` are those of this version. */
export const opsetVersion = 18;

/** Version of the file format that came with this operator set; readers refuse formats newer than themselves. */
export const irVersion = 8;

export { AttributeProto_AttributeType as AttributeKind };
