/**
 * The generated clients import this file by a relative path, and gen/ts does not hold it (buf generates proto/chimera
 * only). tsconfig's rootDirs and next.config.ts's alias lead that import here.
 */
export { file_buf_validate_validate } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
