using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Stores;

/// <summary>The state of several instances, saved, made bytes, and restored into other stores.</summary>
public sealed class StoreSnapshotTests
{
    private const string Owner = """
        (module (memory (export "memory") 1) (table (export "table") 2 funcref) (global (export "count") (mut i64) (i64.const 1))
          (table $kept (export "kept") 1 externref)
          (func $one (result i32) (i32.const 1)) (elem declare func $one)
          (func (export "put") (table.set 0 (i32.const 0) (ref.func $one)))
          (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "keep") (param i32 externref) (table.set $kept (local.get 0) (local.get 1)))
          (func (export "grow") (drop (memory.grow (i32.const 2))) (drop (table.grow 0 (ref.null func) (i32.const 3)))
            (drop (table.grow $kept (ref.null extern) (i32.const 3)))))
        """;

    private const string User = """
        (module (import "o" "memory" (memory 1)) (import "o" "table" (table 2 funcref)) (import "o" "count" (global $count (mut i64)))
          (global $own (mut i32) (i32.const 0)) (data $d (i32.const 8) "seg") (elem (i32.const 1) $two)
          (func $two (result i32) (i32.const 2))
          (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
          (func (export "add") (param i32) (result i32)
            (global.set $count (i64.add (global.get $count) (i64.const 1))) (global.set $own (i32.add (global.get $own) (local.get 0))) (global.get $own))
          (func (export "again") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3))))
        """;

    /// <summary>Asks for what the owner has only once it has grown.</summary>
    private const string Late = """
        (module (import "o" "memory" (memory 3)) (import "o" "table" (table 5 funcref)) (import "o" "kept" (table 4 externref))
          (func (export "pages") (result i32) (memory.size)) (func (export "kept") (param i32) (result externref) (table.get 1 (local.get 0))))
        """;

    private static readonly WasmModule OwnerModule = Guests.Load(Owner);
    private static readonly WasmModule UserModule = Guests.Load(User);
    private static readonly WasmModule LateModule = Guests.Load(Late);

    [Fact]
    public void Shared_items_are_saved_once_and_come_back_shared()
    {
        using var store = Make(out var owner, out var user);
        user.RunStart();
        owner.Call("put");
        user.CallNone("store", 100, 77);
        user.CallI32("add", 5);
        var snapshot = WasmSnapshot.FromBytes(store.Capture().ToBytes());

        using var other = Make(out var ownerAgain, out var userAgain);
        other.Restore(snapshot);

        Assert.Equal(store.ComputeHash(), other.ComputeHash());
        Assert.Equal([OwnerModule.ContentHash, UserModule.ContentHash], snapshot.ModuleHashes);
        Assert.Equal(4096, snapshot.PageBytes);
        Assert.Equal(1, ownerAgain.CallI32("call", 0));
        Assert.Equal(2, ownerAgain.CallI32("call", 1));
        Assert.Equal(77, ownerAgain.CallI32("load", 100));
        Assert.Equal(10, userAgain.CallI32("add", 5));
        Assert.Equal(3, ownerAgain.GetGlobal("count")!.Value.AsI64());
        userAgain.CallNone("store", 100, 78);
        Assert.Equal(78, ownerAgain.CallI32("load", 100));
    }

    [Fact]
    public void A_restored_instance_does_not_apply_its_segments_and_has_lost_them()
    {
        using var store = Make(out _, out var user);
        user.RunStart();
        user.CallNone("store", 8, 0);
        using var other = Make(out var owner, out var userAgain);

        other.Restore(store.Capture());

        Assert.Equal(0, owner.CallI32("load", 8));
        Assert.Equal(WasmFailureCode.MemoryOutOfBounds, Assert.Throws<WasmTrapException>(() => userAgain.Call("again")).Code);
    }

    [Fact]
    public void Before_its_start_an_instance_still_has_its_segments()
    {
        using var store = Make(out _, out _);
        using var other = Make(out var owner, out var user);

        other.Restore(WasmSnapshot.FromBytes(store.Capture().ToBytes()));
        user.RunStart();

        Assert.Equal(2, owner.CallI32("call", 1));
        Assert.Equal('s' | 'e' << 8 | 'g' << 16, owner.CallI32("load", 8));
    }

    [Fact]
    public void What_a_failed_start_has_done_and_not_done_is_state()
    {
        const string failing = """
            (module (import "o" "memory" (memory 1)) (import "o" "table" (table 2 funcref))
              (data $first (i32.const 0) "abc") (data (i32.const 65535) "too long") (data $last (i32.const 0) "def") (elem (i32.const 0) $init)
              (func $init (result i32) (memory.init $last (i32.const 4) (i32.const 0) (i32.const 3)) (i32.const 5)))
            """;
        var module = Guests.Load(failing);
        using var store = Make(out _, out _);
        var failed = store.Instantiate(module, new WasmImports().Add("o", store.Instances[0]));
        Assert.Throws<WasmTrapException>(failed.RunStart);
        using var other = Make(out var owner, out _);
        other.Instantiate(module, new WasmImports().Add("o", owner));

        other.Restore(WasmSnapshot.FromBytes(store.Capture().ToBytes()));

        Assert.Equal('a' | 'b' << 8 | 'c' << 16, owner.CallI32("load", 0));
        Assert.Equal(5, owner.CallI32("call", 0));
        Assert.Equal('d' | 'e' << 8 | 'f' << 16, owner.CallI32("load", 4));
    }

    [Fact]
    public void An_instance_links_again_to_what_had_grown_if_the_store_is_prepared()
    {
        using var store = Make(out var owner, out _);
        owner.Call("grow");
        owner.Call("keep", WasmValue.FromI32(3), WasmValue.FromHostReference(99));
        store.Instantiate(LateModule, new WasmImports().Add("o", owner));
        var snapshot = WasmSnapshot.FromBytes(store.Capture().ToBytes());
        using var unprepared = Make(out var small, out _);
        Assert.Throws<ModuleRefusedException>(() => unprepared.Instantiate(LateModule, new WasmImports().Add("o", small)));

        using var prepared = NewStore();
        prepared.PrepareRestore(snapshot);
        Fill(prepared, out var ownerAgain, out _);
        var late = prepared.Instantiate(LateModule, new WasmImports().Add("o", ownerAgain));
        prepared.Restore(snapshot);

        Assert.Equal(store.ComputeHash(), prepared.ComputeHash());
        Assert.Equal(3, late.CallI32("pages"));
        Assert.Equal(WasmValue.FromHostReference(99), late.Call("kept", WasmValue.FromI32(3))[0]);
        Assert.Throws<InvalidOperationException>(() => prepared.PrepareRestore(snapshot));
        Assert.Equal(3, prepared.Instantiate(LateModule, new WasmImports().Add("o", ownerAgain)).CallI32("pages"));
    }

    [Fact]
    public void Tables_without_null_grow_in_a_prepared_store_too()
    {
        const string owner = """
            (module (type $f (func (result i32))) (func $seven (export "seven") (type $f) (i32.const 7))
              (table $empty (export "empty") 0 (ref $f) (ref.func $seven)) (table $some (export "some") 1 (ref $f) (ref.func $seven))
              (func (export "grow") (drop (table.grow $empty (ref.func $seven) (i32.const 2))) (drop (table.grow $some (ref.func $seven) (i32.const 2)))))
            """;
        const string late = """
            (module (type $f (func (result i32))) (import "o" "empty" (table 2 (ref $f))) (import "o" "some" (table 3 (ref $f)))
              (func (export "run") (result i32) (i32.add (call_ref $f (table.get 0 (i32.const 1))) (call_ref $f (table.get 1 (i32.const 2))))))
            """;
        var (ownerModule, lateModule) = (Guests.Load(owner), Guests.Load(late));
        using var store = NewStore();
        var first = store.Instantiate(ownerModule, new WasmImports());
        first.Call("grow");
        store.Instantiate(lateModule, new WasmImports().Add("o", first));
        var snapshot = store.Capture();

        using var other = NewStore();
        other.PrepareRestore(snapshot);
        var again = other.Instantiate(ownerModule, new WasmImports());
        var user = other.Instantiate(lateModule, new WasmImports().Add("o", again));
        other.Restore(snapshot);

        Assert.Equal(14, user.CallI32("run"));
    }

    [Fact]
    public void Another_order_other_modules_and_other_links_are_refused_by_what_differs()
    {
        using var store = Make(out _, out _);
        var snapshot = store.Capture();
        using var fewer = NewStore();
        fewer.Instantiate(OwnerModule, new WasmImports());
        using var reordered = NewStore();
        reordered.Instantiate(OwnerModule, new WasmImports());
        reordered.Instantiate(OwnerModule, new WasmImports());
        Refused(fewer, snapshot, "The snapshot has 2 instances, the store 1.");
        Refused(reordered, snapshot, $"Instance 1 of the snapshot is of module {UserModule.ContentHash}, not of guest.wat, {OwnerModule.ContentHash}.");

        using var two = NewStore();
        using var twisted = NewStore();
        foreach (var made in new[] { two, twisted })
        {
            var first = made.Instantiate(OwnerModule, new WasmImports());
            var second = made.Instantiate(OwnerModule, new WasmImports());
            made.Instantiate(UserModule, new WasmImports().Add("o", first).Add("o", "table", made == two ? first : second, "table"));
        }
        Refused(twisted, two.Capture(), "The import o.table of instance 2, guest.wat, is table 0 of instance 1; in the snapshot it is 0 of instance 0.");
        Assert.False(twisted.Faulted);

        using var prepared = NewStore();
        prepared.PrepareRestore(snapshot);
        prepared.Instantiate(OwnerModule, new WasmImports());
        Assert.Throws<ArgumentException>(() => prepared.Instantiate(OwnerModule, new WasmImports()));
    }

    [Fact]
    public void A_function_that_is_passed_on_is_the_same_link()
    {
        const string passing = """(module (import "o" "memory" (memory 1)) (export "memory" (memory 0)))""";
        const string user = """(module (import "o" "memory" (memory 1)))""";
        var (passingModule, userModule) = (Guests.Load(passing), Guests.Load(user));
        WasmStore Link(bool direct)
        {
            var store = NewStore();
            var owner = store.Instantiate(OwnerModule, new WasmImports());
            var between = store.Instantiate(passingModule, new WasmImports().Add("o", owner));
            store.Instantiate(userModule, new WasmImports().Add("o", direct ? owner : between));
            return store;
        }
        using var first = Link(direct: true);
        using var second = Link(direct: false);

        second.Restore(first.Capture());

        Assert.Equal(first.ComputeHash(), second.ComputeHash());
    }

    private static void Refused(WasmStore store, WasmSnapshot snapshot, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => store.Restore(snapshot)).Message, StringComparison.Ordinal);

    private static WasmStore NewStore() => new(Guests.Engine) { KeepsRunningAfterFailure = true };

    private static WasmStore Make(out WasmInstance owner, out WasmInstance user)
    {
        var store = NewStore();
        Fill(store, out owner, out user);
        return store;
    }

    private static void Fill(WasmStore store, out WasmInstance owner, out WasmInstance user)
    {
        owner = store.Instantiate(OwnerModule, new WasmImports());
        user = store.Instantiate(UserModule, new WasmImports().Add("o", owner));
    }
}
