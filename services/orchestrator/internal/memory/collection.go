package memory

import (
	"context"
	"errors"
	"net/http"

	"github.com/weaviate/weaviate-go-client/v4/weaviate/fault"
	"github.com/weaviate/weaviate/entities/models"

	"chimera/services/internal/tenancy"
)

// collectionName changes when the schema does: the new collection is filled beside the old one.
const collectionName = "ChimeraMemory"

// maxKnownTenants bounds the set of tenants known to exist; past it the set is learned again.
const maxKnownTenants = 10_000

// collection has no auto-created tenants: a tenant's name that is wrong must fail, not open a new drawer.
func collection() *models.Class {
	yes := true
	return &models.Class{
		Class: collectionName, Description: "What a tenant's agents posted, learned and found to work.",
		Vectorizer: "none", VectorIndexType: "flat",
		MultiTenancyConfig: &models.MultiTenancyConfig{Enabled: true, AutoTenantCreation: false, AutoTenantActivation: true},
		Properties: []*models.Property{
			{Name: "text", DataType: []string{"text"}, Tokenization: "word", IndexSearchable: &yes},
			{Name: "kind", DataType: []string{"text"}, Tokenization: "field", IndexFilterable: &yes},
			{Name: "tainted", DataType: []string{"boolean"}, IndexFilterable: &yes},
			{Name: "at", DataType: []string{"date"}, IndexFilterable: &yes},
		},
	}
}

// ensure makes the collection and the tenant at first use. Two processes may do so at once: whoever loses
// finds it there.
func (m *Memory) ensure(ctx context.Context, tenant tenancy.ID) error {
	m.mu.Lock()
	collectionKnown := m.collection
	_, tenantKnown := m.tenants[tenant]
	m.mu.Unlock()
	if !collectionKnown {
		if err := m.ensureCollection(ctx); err != nil {
			return err
		}
	}
	if !tenantKnown {
		if err := m.ensureTenant(ctx, tenant); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.tenants) >= maxKnownTenants {
		clear(m.tenants)
	}
	m.collection, m.tenants[tenant] = true, struct{}{}
	return nil
}

// forget makes the next call look again, after the store answered that something is missing.
func (m *Memory) forget(tenant tenancy.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.collection = false
	delete(m.tenants, tenant)
}

func (m *Memory) ensureCollection(ctx context.Context) error {
	exists := m.client.Schema().ClassExistenceChecker().WithClassName(collectionName)
	found, err := exists.Do(ctx)
	if err != nil || found {
		return err
	}
	err = m.client.Schema().ClassCreator().WithClass(collection()).Do(ctx)
	if isRefusal(err) {
		if found, again := exists.Do(ctx); again == nil && found {
			return nil
		}
	}
	return err
}

func (m *Memory) ensureTenant(ctx context.Context, tenant tenancy.ID) error {
	exists := m.client.Schema().TenantsExists().WithClassName(collectionName).WithTenant(string(tenant))
	found, err := exists.Do(ctx)
	if err != nil || found {
		return err
	}
	err = m.client.Schema().TenantsCreator().WithClassName(collectionName).WithTenants(models.Tenant{Name: string(tenant)}).Do(ctx)
	if isRefusal(err) {
		if found, again := exists.Do(ctx); again == nil && found {
			return nil
		}
	}
	return err
}

// isRefusal is the store's answer to a name that is taken, among other faults of a request.
func isRefusal(err error) bool {
	var answered *fault.WeaviateClientError
	return errors.As(err, &answered) && answered.StatusCode == http.StatusUnprocessableEntity
}
