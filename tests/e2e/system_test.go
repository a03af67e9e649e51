// Package e2e_test holds the whole system against its promises on real processes: the main job, bad input and
// faults. The sandbox platforms' own count is the referee.
package e2e_test

import (
	"testing"

	"chimera/infra/local/parts/partstest"
	"chimera/tests/internal/world"
)

func TestMain(m *testing.M) { partstest.Main(m) }

// scenarios share one world. Each has campaigns and accounts of its own and leaves all processes running; they
// follow one another because most of them break something.
var scenarios = []struct {
	name string
	run  func(t *testing.T, w *world.World)
}{
	{"a_goal_becomes_a_live_post_on_both_platforms", mainJob},
	{"reviewers_request_changes_edit_and_reject", decisions},
	{"two_reviewers_decide_once", contention},
	{"a_task_outlives_its_worker", workerDiesMidTask},
	{"a_post_outlives_who_published_it", deathAfterThePlatformsAnswer},
	{"orchestrators_die_at_random", orchestratorsDieAtRandom},
	{"redis_is_flushed_and_killed_under_load", redisIsLost},
	{"an_approval_needs_no_doorbell", approvalWithoutADoorbell},
	{"postgres_is_killed_under_load", postgresIsLost},
	{"every_message_ten_times", everyMessageTenTimes},
	{"forged_messages_do_nothing", forgedMessages},
	{"dead_letters_are_kept_for_people", deadLetters},
	{"tokens_are_judged", tokens},
	{"tenants_do_not_meet", otherTenant},
	{"a_grant_works_once", grantIsReplayed},
	{"platforms_fail_in_every_way", platformFaults},
	{"a_dead_credential_is_shown_and_healed", deadCredential},
	{"the_stop_switch_holds", stopSwitch},
	{"one_trace_from_the_client_to_the_platform", oneTrace},
	{"a_changed_tool_waits_for_an_admin", toolChange},
	{"hostile_requests_get_typed_errors", hostileRequests},
	{"floods_are_refused_in_bounded_memory", floods},
	{"metrics_are_there", metrics},
	{"planted_bugs_are_found", plantedBugs},
	// Last: it looks for secrets in all that the others left behind.
	{"no_secret_stands_in_clear", canaries},
}

func TestSystem(t *testing.T) { // R1.1
	if testing.Short() {
		t.Skip("starts the whole system")
	}
	w := world.StartWith(t, world.Setup{Memory: true})
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { s.run(t, w) })
	}
}
