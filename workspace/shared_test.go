package workspace_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/irisfix/irisfix/internal/parallel"
)

// What a workspace knows of directories is shared by all who use it at once.
func TestManyMayUseOneWorkspace(t *testing.T) {
	w, dir := open(t)
	for i := range 4 {
		fixture(t, filepath.Join(dir, fmt.Sprint("f", i)), "f", "a")
	}
	err := parallel.ForEach(t.Context(), 8, 32, func(ctx context.Context, i int) error {
		f, err := w.Fixture(ctx, fmt.Sprint("./f", i%4))
		if err != nil {
			return err
		}
		defer f.Close()
		return f.Verify(ctx)
	})
	if err != nil {
		t.Error(err)
	}
}
