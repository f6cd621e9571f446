package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/registry/cache"
)

func newCache(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "cache", Short: "Look at, check and prune the cache",
		Long: `The cache keeps what was pulled, by digest, for all projects of this machine. Any number of irisfix
may use it at once. It can be removed at any time; what is needed is fetched again.`,
		Example: `  irisfix cache list
  irisfix cache prune --keep-days 30`,
		Args: a.oneOf("dir, list, verify, prune or key"),
		RunE: func(cmd *cobra.Command, _ []string) error { return nil },
	}
	cmd.AddCommand(
		a.new("dir", "Print where the cache is", `Prints the directory of the cache.`, `  irisfix cache dir`, exactly(), func(*cobra.Command, []string) error { return a.cacheDirectory() }),
		a.new("list", "List the fixtures in the cache", `Lists the fixtures in the cache with the bytes that they take, and how many of those they share.`,
			`  irisfix cache list`, exactly(), func(cmd *cobra.Command, _ []string) error { return a.cacheList(cmd.Context()) }),
		a.new("verify", "Read the whole cache and check every digest", `Reads every file in the cache in full. A damaged one is put aside and will be fetched again.`,
			`  irisfix cache verify`, exactly(), func(cmd *cobra.Command, _ []string) error { return a.cacheVerify(cmd.Context()) }),
		a.newPrune(),
		a.new("key", "Print a key for a CI cache step", `Prints a text that changes exactly when the digests in irisfix.lock do.`,
			`  irisfix cache key`, exactly(), func(*cobra.Command, []string) error { return a.cacheKey() }),
	)
	return cmd
}

func (a *app) cacheDirectory() error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	return a.result(struct {
		schema
		Dir string `json:"dir"`
	}{schema1, w.Cache().Dir()}, func() { fmt.Fprintln(a.out, w.Cache().Dir()) })
}

func (a *app) cacheList(ctx context.Context) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	list, usage, err := w.ListCache(ctx)
	if err != nil {
		return err
	}
	type cachedJSON struct {
		entryJSON
		Shared   int64 `json:"bytes_shared"`
		Complete bool  `json:"complete"`
	}
	object := struct {
		schema
		Entries []cachedJSON `json:"entries"`
		Bytes   int64        `json:"bytes"`
		Loose   int64        `json:"bytes_loose"`
		Partial int64        `json:"bytes_unfinished,omitempty"`

		Templates     int   `json:"templates,omitempty"`
		TemplateBytes int64 `json:"bytes_templates,omitempty"`
	}{schema1, []cachedJSON{}, usage.Bytes, usage.Loose, usage.Unfinished, usage.Templates, usage.TemplateBytes}
	for _, e := range list {
		object.Entries = append(object.Entries, cachedJSON{entryOf(e), e.Shared, e.Complete})
	}
	return a.result(object, func() {
		t := newTable("", "NAME", "VERSION", ">SIZE", ">SHARED", "", "REFERENCE")
		for _, e := range list {
			state := ""
			if e.Err == nil && !e.Complete {
				state = "manifest only"
			}
			t.row(e.Name, e.Version, phrase.Bytes(e.Bytes), phrase.Bytes(e.Shared), state, e.Reference)
		}
		if len(list) > 0 {
			t.print(a.out)
		}
		a.data("%s in %s", phrase.Bytes(usage.Bytes), w.Cache().Dir())
		if usage.Templates > 0 {
			a.data("%s in %s for tests, of which databases are copied", phrase.Bytes(usage.TemplateBytes), phrase.Count(int64(usage.Templates), "template"))
		}
		if usage.Unfinished > 0 {
			a.data("%s of downloads that are not finished; the next pull goes on with them", phrase.Bytes(usage.Unfinished))
		}
	})
}

func (a *app) cacheVerify(ctx context.Context) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	r, err := w.Cache().Verify(ctx, nil)
	if err != nil {
		return err
	}
	object := struct {
		schema
		Checked int      `json:"checked"`
		Bytes   int64    `json:"bytes"`
		Damaged []string `json:"damaged"`

		Templates int `json:"templates_removed,omitempty"`
	}{schema1, r.Checked, r.Bytes, []string{}, r.Templates}
	for _, d := range r.Damaged {
		object.Damaged = append(object.Damaged, d.Descriptor.Digest.String())
	}
	err = a.result(object, func() {
		a.data("%s checked, %s, %d damaged", phrase.Count(int64(r.Checked), "file"), phrase.Bytes(r.Bytes), len(r.Damaged))
		if r.Templates > 0 {
			a.data("%s for tests removed, which had other bytes than when made; what is needed is made anew", phrase.Count(int64(r.Templates), "template"))
		}
	})
	if err == nil && len(r.Damaged) > 0 {
		return r.Damaged[0]
	}
	return err
}

func (a *app) newPrune() *cobra.Command {
	var days int
	var size string
	var dry bool
	cmd := a.new("prune", "Remove from the cache what nothing needs",
		`Removes files that belong to no remembered fixture, and with --keep-days and --max-size also
fixtures that were not used for long. What a lock file on this machine still pins stays. Databases
that are kept to be copied for tests go with their fixtures, or when they were not used for so long;
they are made anew.`,
		`  irisfix cache prune --keep-days 30
  irisfix cache prune --max-size 5GB --dry-run`, exactly(), func(cmd *cobra.Command, _ []string) error {
			o := cache.PruneOptions{DryRun: dry}
			if cmd.Flags().Changed("keep-days") {
				if days < 0 {
					return usageError("--keep-days must not be negative")
				}
				o.MaxAge = time.Duration(days)*24*time.Hour + time.Nanosecond // zero would mean: of any age
			}
			if size != "" {
				n, err := parseBytes(size)
				if err != nil {
					return err
				}
				o.MaxSize = n
			}
			return a.cachePrune(cmd.Context(), o)
		})
	cmd.Flags().IntVar(&days, "keep-days", 0, "forget fixtures that were not used for so many days")
	cmd.Flags().StringVar(&size, "max-size", "", "forget the least recently used until the cache is no larger, such as 5GB")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed")
	return cmd
}

// parseBytes reads a size such as 500MB or 5GiB.
func parseBytes(s string) (int64, error) {
	units := []struct {
		suffix string
		factor float64
	}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"TIB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1}}
	text := strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	for _, u := range units {
		if number, ok := strings.CutSuffix(text, u.suffix); ok {
			n, err := strconv.ParseFloat(number, 64)
			if err != nil || n <= 0 || n*u.factor > 1<<62 {
				break
			}
			return int64(n * u.factor), nil
		}
	}
	return 0, usageError(fmt.Sprintf("not a size: %q (use for instance 500MB or 5GiB)", s))
}

func (a *app) cachePrune(ctx context.Context, o cache.PruneOptions) error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	r, err := w.Prune(ctx, o)
	if err != nil {
		return err
	}
	object := struct {
		schema
		Removed   int      `json:"removed"`
		Freed     int64    `json:"bytes_freed"`
		Forgotten []string `json:"forgotten"`
		InUse     int      `json:"in_use"`
		DryRun    bool     `json:"dry_run"`
		Templates int      `json:"templates,omitempty"`
	}{schema1, len(r.Removed), r.Bytes, append([]string{}, r.Forgotten...), r.InUse, o.DryRun, r.Templates}
	return a.result(object, func() {
		what := "removed"
		if o.DryRun {
			what = "would remove"
		}
		for _, ref := range r.Forgotten {
			a.data("%s %s", what, ref)
		}
		files := phrase.Count(int64(len(r.Removed)), "file")
		if r.Templates > 0 {
			files += " and " + phrase.Count(int64(r.Templates), "template") + " for tests"
		}
		a.data("%s %s, %s", what, files, phrase.Bytes(r.Bytes))
	})
}

func (a *app) cacheKey() error {
	w, err := a.workspace()
	if err != nil {
		return err
	}
	key, err := w.CacheKey()
	if err != nil {
		return err
	}
	return a.result(struct {
		schema
		Key string `json:"key"`
	}{schema1, key}, func() { a.data("%s", key) })
}
