import { AccountHealth } from "@chimera/gen/chimera/platform/v1/account_service_pb";
import { look, type Look } from "./look";

export const accountHealths: Record<AccountHealth, Look> = {
  [AccountHealth.UNSPECIFIED]: look("not checked", "off"),
  [AccountHealth.OK]: look("healthy", "ok"),
  [AccountHealth.CREDENTIAL_DEAD]: look("secret refused", "bad"),
  [AccountHealth.DISABLED]: look("disabled", "off"),
};
