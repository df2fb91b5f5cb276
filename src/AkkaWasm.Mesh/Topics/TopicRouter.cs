namespace AkkaWasm.Mesh.Topics;

/// <summary>
/// Finds the subscribers of a topic: a tree over the tokens of all patterns. Subscribers are numbers; an answer lists each once, in rising order.
/// </summary>
public sealed class TopicRouter
{
    private readonly Node root = new();

    /// <summary>Adds a subscription.</summary>
    public void Add(TopicPattern pattern, int subscriber)
    {
        var node = root;
        foreach (var token in pattern.Tokens)
            node = token == "*" ? node.Any ??= new Node() : node.Child(token);
        (pattern.HasTail ? node.Tails ??= [] : node.Ends ??= []).Add(subscriber);
    }

    /// <summary>Takes back all subscriptions.</summary>
    public void Clear() => root.Clear();

    /// <summary>Who subscribes to the topic.</summary>
    public int[] Match(string topic)
    {
        var found = new SortedSet<int>();
        Collect(root, topic, 0, TopicName.IsReserved(topic), found);
        return [.. found];
    }

    private static void Collect(Node node, string topic, int start, bool reserved, SortedSet<int> found)
    {
        var atRoot = start == 0;
        if (start > topic.Length)
        {
            if (node.Ends is not null) found.UnionWith(node.Ends);
            return;
        }
        if (node.Tails is not null && !(atRoot && reserved)) found.UnionWith(node.Tails);
        var dot = topic.IndexOf('.', start);
        var end = dot < 0 ? topic.Length : dot;
        if (node.Children is not null && node.Children.TryGetValue(topic[start..end], out var child))
            Collect(child, topic, end + 1, reserved, found);
        if (node.Any is not null && !(atRoot && reserved))
            Collect(node.Any, topic, end + 1, reserved, found);
    }

    private sealed class Node
    {
        public Dictionary<string, Node>? Children;
        public Node? Any;
        public List<int>? Ends;
        public List<int>? Tails;

        public Node Child(string token)
        {
            Children ??= new(StringComparer.Ordinal);
            if (!Children.TryGetValue(token, out var child)) Children[token] = child = new Node();
            return child;
        }

        public void Clear() => (Children, Any, Ends, Tails) = (null, null, null, null);
    }
}
