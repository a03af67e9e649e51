import { getOption, type DescMethod } from "@bufbuild/protobuf";
import { Role } from "@chimera/gen/chimera/platform/v1/session_service_pb";
import { Permission, permission } from "@chimera/gen/chimera/type/v1/options_pb";

// Roles imply each other upwards; what people never hold is in no row.
const weakest: Partial<Record<Permission, Role>> = {
  [Permission.SELF]: Role.UNSPECIFIED,
  [Permission.VIEW]: Role.VIEWER,
  [Permission.OPERATE]: Role.OPERATOR,
  [Permission.REVIEW]: Role.REVIEWER,
  [Permission.ADMIN]: Role.ADMIN,
};

/**
 * Whether a role may call a method, by the permission the schema gives it: the same line the orchestrator enforces.
 * It decides what a page offers, never what is allowed.
 */
export function mayCall(role: Role, method: DescMethod): boolean {
  return role >= roleFor(method);
}

/** The weakest role that may call a method; one that nobody has where people never may. */
export const roleFor = (method: DescMethod): number => weakest[getOption(method, permission)] ?? Infinity;

export const roleNames: Record<Role, string> = {
  [Role.UNSPECIFIED]: "no role",
  [Role.VIEWER]: "viewer",
  [Role.OPERATOR]: "operator",
  [Role.REVIEWER]: "reviewer",
  [Role.ADMIN]: "administrator",
};
