"use client";
import { PolicyService, type Policy } from "@chimera/gen/chimera/platform/v1/policy_service_pb";
import { useQuery } from "@connectrpc/connect-query";
import { Pencil } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Empty } from "@/components/panel/empty";
import { Loaded } from "@/components/panel/loaded";
import { Page } from "@/components/panel/page";
import { Panel } from "@/components/panel/panel";
import { RelativeTime } from "@/components/panel/relative-time";
import { Button } from "@/components/ui/button";
import { useTenantPath } from "@/lib/session/tenant";
import { useSession } from "@/lib/session/use-session";
import { PolicyEditor } from "./policy-editor";
import { PolicyText } from "./policy-text";

/** What the Judge goes by (R10.1, R10.2). The compiled-in floor is no part of it and cannot be changed (R10.3). */
export function Policies() {
  const query = useQuery(PolicyService.method.getPolicy, {});
  const { may } = useSession();
  const path = useTenantPath();
  // The policy as it was when editing began: saving over a newer one is a conflict, never a silent overwrite.
  const [base, setBase] = useState<Policy>();
  const admin = may(PolicyService.method.updatePolicy);
  const policy = query.data?.policy;
  return (
    <Page
      title="Policies"
      facts="What decides whether a person must look. A floor built into the system holds beneath it and cannot be lowered here."
      actions={<Button asChild><Link href={`${path("audit")}?action=policy.updated`}>Its changes</Link></Button>}
    >
      <Panel
        className="max-w-4xl"
        title={policy ? `Version ${policy.version}` : "Policy"}
        aside={policy && admin && !base ? <Button size="sm" onClick={() => setBase(policy)}><Pencil aria-hidden />Edit</Button> : null}
      >
        <Loaded query={query}>
          {({ policy: now }) => {
            if (!now) return <Empty title="No policy">The tenant has none yet; the floor alone holds.</Empty>;
            if (base) return <PolicyEditor key={base.version} base={base} current={now} onRebase={() => setBase(now)} onClose={() => setBase(undefined)} />;
            return (
              <>
                <p className="px-3 pt-3 text-muted">In force since <RelativeTime at={now.createdAt} />, by {now.createdBy}.{admin ? "" : " An administrator can change it."}</p>
                <PolicyText policy={now} />
              </>
            );
          }}
        </Loaded>
      </Panel>
    </Page>
  );
}
