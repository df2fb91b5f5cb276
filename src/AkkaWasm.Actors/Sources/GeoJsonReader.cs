using System.Text.Json;

namespace AkkaWasm.Actors.Sources;

/// <summary>The elements of the array <c>features</c> of a GeoJSON FeatureCollection.</summary>
internal sealed class GeoJsonReader(Stream stream, FileSourceOptions options) : JsonElementReader(stream, options)
{
    private JsonReaderState state;
    private string? lastName;
    private bool inFeatures;
    private bool isDone;

    public override FileElement? Next()
    {
        if (isDone) return null;
        SkipByteOrderMark();
        if (!inFeatures) FindFeatures();
        while (true)
        {
            if (TryFeature(out var from, out var to, out var isEnd))
            {
                if (isEnd)
                {
                    isDone = true;
                    Consume(to);
                    CheckRest();
                    return null;
                }
                var data = Pending[from..to].ToArray();
                var element = new FileElement(data, IdOf(data), Consumed + to);
                Consume(to);
                return element;
            }
            CheckLength(Pending.Length);
            More("the file ends within the array 'features'");
        }
    }

    /// <summary>Goes to the beginning of the array, token by token, whatever stands before it.</summary>
    private void FindFeatures()
    {
        while (true)
        {
            var reader = new Utf8JsonReader(Pending, AtEnd, state);
            var found = false;
            try
            {
                while (!found && reader.Read())
                {
                    if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
                        throw Failure((int)reader.TokenStartIndex, "the file is no JSON object; a FeatureCollection is expected");
                    if (reader is { TokenType: JsonTokenType.StartArray, CurrentDepth: 1 } && lastName == "features") found = true;
                    if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 }) lastName = reader.GetString();
                }
            }
            catch (JsonException e)
            {
                throw Failure((int)reader.BytesConsumed, $"the file is no JSON: {e.Message}", e);
            }
            state = reader.CurrentState;
            Consume((int)reader.BytesConsumed);
            if (found)
            {
                inFeatures = true;
                return;
            }
            More("the file has no array 'features'; a FeatureCollection is expected");
        }
    }

    /// <summary>Tries to find the next feature whole in the buffer.</summary>
    private bool TryFeature(out int from, out int to, out bool isEnd)
    {
        (from, to, isEnd) = (0, 0, false);
        var reader = new Utf8JsonReader(Pending, AtEnd, state);
        try
        {
            if (!reader.Read()) return false;
            isEnd = reader.TokenType == JsonTokenType.EndArray;
            from = (int)reader.TokenStartIndex;
            if (!isEnd && reader.TokenType != JsonTokenType.StartObject) throw Failure(from, "an element of 'features' is no object");
            if (!isEnd && !reader.TrySkip()) return false;
        }
        catch (JsonException e)
        {
            throw Failure((int)reader.BytesConsumed, $"a feature is no JSON: {e.Message}", e);
        }
        to = (int)reader.BytesConsumed;
        CheckLength(to - from);
        state = reader.CurrentState;
        return true;
    }

    /// <summary>Reads to the end of the file, so that one that is cut after its features is noticed.</summary>
    private void CheckRest()
    {
        while (true)
        {
            var reader = new Utf8JsonReader(Pending, AtEnd, state);
            try
            {
                while (reader.Read()) { }
            }
            catch (JsonException e)
            {
                throw Failure((int)reader.BytesConsumed, $"what follows the features is no JSON: {e.Message}", e);
            }
            state = reader.CurrentState;
            Consume((int)reader.BytesConsumed);
            if (AtEnd) return;
            ReadMore();
        }
    }

    private void More(string failure)
    {
        if (AtEnd) throw Failure(0, failure);
        ReadMore();
    }
}
