package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"chimera/infra/local/demo/internal/folder"
	"chimera/infra/local/demo/internal/ports"
	"chimera/infra/local/demo/internal/supervise"
	"chimera/infra/local/platform"
)

// Options of a start.
type Options struct {
	Folder folder.Folder
	Root   string // the repository
	Say    func(string)
	// Orchestrators is how many replicas run; 1 to 4.
	Orchestrators int
	// Platform says whether the Platform is built and started too, with campaigns at work to look at; the main job
	// does not need them.
	Platform bool
}

// stages of stopping, the highest first: whoever takes work ends before what it works with.
const (
	stageParts = iota
	stageServices
	stageWorker
)

// Demo is a running system.
type Demo struct {
	State      folder.State
	options    Options
	plan       plan
	supervisor *supervise.Supervisor
	steps      *steps
	built      string // folder of the Platform's build
	stopLogs   func()
	unlock     func()
}

// Start brings the whole system up and returns when all of it is ready. When something does not start, what
// did is stopped again, and the error says what and why. *folder.RunningError if a demo has the folder.
func Start(ctx context.Context, o Options) (*Demo, error) {
	if o.Orchestrators < 1 || o.Orchestrators > 4 {
		return nil, fmt.Errorf("%d orchestrators: want 1 to 4", o.Orchestrators)
	}
	unlock, err := o.Folder.Lock()
	if err != nil {
		return nil, err
	}
	o.Folder.Withdraw()
	d := &Demo{options: o, supervisor: supervise.New(o.Say, supervise.DefaultTiming()), unlock: unlock, plan: plan{folder: o.Folder}}
	d.steps = &steps{say: o.Say, total: 11}
	if o.Platform {
		d.steps.total += 2
	}
	if err := d.start(ctx); err != nil {
		if problem := d.Stop(context.WithoutCancel(ctx)); problem != nil {
			o.Say(problem.Error())
		}
		return nil, err
	}
	return d, nil
}

func (d *Demo) start(ctx context.Context) error {
	if err := d.prepare(); err != nil {
		return err
	}
	// Building takes the processors, the parts take the network: side by side.
	together, inner := errgroup.WithContext(ctx)
	together.Go(func() error {
		return d.steps.do("our programs are built", func() error { return build(inner, d.options.Folder, d.options.Root) })
	})
	together.Go(func() error { return d.startParts(inner) })
	if d.options.Platform {
		together.Go(func() error {
			return d.steps.do("the Platform is built", func() (err error) {
				d.built, err = platform.Build(inner, d.options.Root, func(line string) { d.options.Say("        " + line) })
				return err
			})
		})
	}
	if err := together.Wait(); err != nil {
		return err
	}
	if err := d.fill(ctx); err != nil {
		return err
	}
	if err := d.startServices(ctx); err != nil {
		return err
	}
	if err := d.startLogs(); err != nil {
		return err
	}
	if err := d.startPlatform(ctx); err != nil {
		return err
	}
	d.State = folder.State{
		PID: os.Getpid(), API: d.plan.ports.URL("orchestrator"),
		Ops: d.plan.ports.URL("orchestrator-ops"), WorkerOps: d.plan.ports.URL("worker-ops"), Issuer: d.plan.issuer, ClientID: CLIClient,
		Sandbox: d.plan.ports.URL("sandbox"), PDSPort: d.plan.ports["pds"],
		Logs: d.plan.ports.URL("logs"), PlatformDev: d.plan.ports.URL("platform-dev"),
	}
	if d.options.Platform {
		d.State.Platform = d.plan.ports.URL("platform")
	}
	return d.options.Folder.Announce(d.State)
}

// prepare makes what is made once: secrets and ports.
func (d *Demo) prepare() (err error) {
	f := d.options.Folder
	if d.plan.secrets, err = f.Secrets(); err != nil {
		return err
	}
	if err := d.plan.secrets.Make(append(secretNames(), platformSecrets...)...); err != nil {
		return err
	}
	for _, private := range []string{"keys", "checkpoints"} {
		if err := os.MkdirAll(f.Path(private), 0o700); err != nil {
			return err
		}
	}
	d.plan.ports, err = ports.Choose(f, wantedPorts(d.options.Orchestrators), 10*time.Second)
	return err
}

// secretNames are the secrets that both ways of running the demo need.
func secretNames() []string {
	names := []string{"database.app", "database.system", "redis", "sandbox.control"}
	for _, p := range People {
		names = append(names, PasswordName(p.Username))
	}
	for _, client := range serviceClients() {
		names = append(names, clientSecretName(client))
	}
	for _, t := range tenants {
		for _, a := range agents {
			names = append(names, accountSecretName("bluesky", t.slug+a.suffix), accountSecretName("mastodon", t.slug+a.suffix))
		}
	}
	return names
}

// Stop stops everything in order and gives the folder back. It returns within 20 s; what had to be killed is
// in the error.
func (d *Demo) Stop(ctx context.Context) error {
	d.options.Folder.Withdraw()
	if d.stopLogs != nil {
		d.stopLogs()
	}
	err := d.supervisor.Stop(ctx)
	d.unlock()
	return err
}

// Delete deletes all that a demo keeps in its folder, and PostgreSQL's data where that lies elsewhere.
func Delete(f folder.Folder) error {
	return errors.Join(os.RemoveAll(postgresDir(f.Path("postgres"))), os.RemoveAll(f.Dir))
}

// OrchestratorsFromEnv reads how many replicas DEMO_ORCHESTRATORS asks for; 1 if it is unset.
func OrchestratorsFromEnv() (int, error) {
	text := os.Getenv("DEMO_ORCHESTRATORS")
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("DEMO_ORCHESTRATORS=%s: want a number", text)
	}
	return n, nil
}
