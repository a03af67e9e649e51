import { Role } from "@chimera/gen/chimera/platform/v1/session_service_pb";
import { roleNames } from "@/lib/session/permissions";

/** Each role with what it adds to the one before. */
export const roleWords = [
  { role: Role.VIEWER, may: "Sees everything but secrets and the contents of dead letters. Changes nothing." },
  { role: Role.OPERATOR, may: "Also makes and runs campaigns and agents, settles dead letters, presses the stop switch." },
  { role: Role.REVIEWER, may: "Also decides what is published." },
  { role: Role.ADMIN, may: "Also connects accounts, accepts tools, changes the policy, releases stops, and says who is a member." },
].map((r) => ({ ...r, name: roleNames[r.role] }));
