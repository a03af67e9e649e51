package bus

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/internal/tenancy"
)

// Message is what may travel.
type Message interface {
	*busv1.Task | *busv1.Result | *busv1.ReviewDecision
	proto.Message
	GetTenantId() string
}

// Queue is one kind of topic, per tenant, with the one message type it carries and the one group that
// reads it: acknowledged entries are deleted, so a second group would miss them.
type Queue[M Message] struct {
	lane
	facts func(M) facts
}

type lane struct {
	name, group string
	// actor is on whose behalf its handlers work, for the scope.
	actor string
}

// facts of a message that a human needs in an incident; they become metadata.
type facts struct{ task, request, attempt, epoch string }

// The queues of the path, in its order.
var (
	Tasks = Queue[*busv1.Task]{lane{"task", "workers", "service:worker"}, func(m *busv1.Task) facts {
		return facts{task: m.GetId(), request: m.GetContext().GetRequestId(), epoch: strconv.FormatInt(m.GetVersion().GetEpoch(), 10)}
	}}
	Results = Queue[*busv1.Result]{lane{"result", "judge", "system:judge"}, func(m *busv1.Result) facts {
		return facts{
			task: m.GetTaskId(), request: m.GetRequestId(),
			epoch: strconv.FormatInt(m.GetEpoch(), 10), attempt: strconv.FormatInt(int64(m.GetAttempt()), 10),
		}
	}}
	Reviews = Queue[*busv1.ReviewDecision]{lane{"review", "commit", "system:commit"}, func(m *busv1.ReviewDecision) facts {
		return facts{task: m.GetTaskId(), request: m.GetRequestId()}
	}}
	poisonLane = lane{"poison", "letters", "system:letters"}
)

// allLanes is every queue there is; it bounds the queue label of metrics.
var allLanes = []lane{Tasks.lane, Results.lane, Reviews.lane, poisonLane}

func (q lane) topic(t tenancy.ID) string { return "tenant:" + string(t) + ":queue:" + q.name }

// parseTopic is the inverse; ok is false for anything that is not exactly a topic of ours.
func parseTopic(topic string) (tenant tenancy.ID, queue string, ok bool) {
	rest, ok := strings.CutPrefix(topic, "tenant:")
	if !ok {
		return "", "", false
	}
	id, queue, ok := strings.Cut(rest, ":queue:")
	if !ok {
		return "", "", false
	}
	tenant, err := tenancy.ParseID(id)
	return tenant, queue, err == nil
}
