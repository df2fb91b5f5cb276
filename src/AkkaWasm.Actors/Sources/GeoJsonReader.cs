using System.Text.Json;

namespace AkkaWasm.Actors.Sources;

/// <summary>The elements of the array <c>features</c> of a FeatureCollection (RFC 7946), whatever other members stand before and after it.</summary>
internal sealed class GeoJsonReader(Stream stream, FileSourceOptions options) : ElementReader(stream, options)
{
    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = MaxDepth });
    private int scanned;
    private int elementAt = -1;
    private Member member;
    private bool inFeatures;
    private bool sawFeatures;
    private bool begun;

    private enum Member
    {
        Other,
        Type,
        Features,
    }

    public override SourceElement? Next()
    {
        if (!begun) Window.DropByteOrderMark();
        begun = true;
        while (true)
        {
            if (Scan() is { } element) return element;
            var keep = elementAt >= 0 ? elementAt : scanned;
            if (Window.AtEnd) break;
            CheckLength(keep, Window.Length - keep);
            Window.Drop(keep);
            scanned -= keep;
            if (elementAt >= 0) elementAt = 0;
            Window.Fill();
        }
        return sawFeatures ? null : throw Window.Flaw(Window.Length, "has no member 'features'; a FeatureCollection is needed");
    }

    /// <summary>Goes on to the end of the next element, as far as the window reaches.</summary>
    private SourceElement? Scan()
    {
        var reader = new Utf8JsonReader(Window.Bytes[scanned..], Window.AtEnd, state);
        try
        {
            while (reader.Read())
            {
                if (!Take(ref reader)) continue;
                var (at, end) = (elementAt, scanned + (int)reader.BytesConsumed);
                elementAt = -1;
                scanned = end;
                state = reader.CurrentState;
                return Element(at, end - at, end);
            }
        }
        catch (JsonException e)
        {
            throw Window.Flaw(Window.IndexOf(e.LineNumber ?? 0, e.BytePositionInLine ?? 0), $"is no JSON: {ReasonOf(e)}", e);
        }
        scanned += (int)reader.BytesConsumed;
        state = reader.CurrentState;
        return null;
    }

    /// <summary>Takes a token in.</summary>
    /// <returns>Whether it ends an element.</returns>
    private bool Take(ref Utf8JsonReader reader)
    {
        var at = scanned + (int)reader.TokenStartIndex;
        switch (reader.CurrentDepth)
        {
            case 0 when reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject):
                throw Window.Flaw(at, "is no JSON object; a FeatureCollection is needed");
            case 1 when reader.TokenType == JsonTokenType.PropertyName:
                member = reader.ValueTextEquals("features"u8) ? Member.Features : reader.ValueTextEquals("type"u8) ? Member.Type : Member.Other;
                return false;
            case 1:
                TakeMember(ref reader, at);
                return false;
            case 2 when inFeatures && reader.TokenType == JsonTokenType.StartObject:
                elementAt = at;
                return false;
            case 2 when inFeatures:
                return reader.TokenType == JsonTokenType.EndObject ? true : throw Window.Flaw(at, $"has an element {NextNumber} in 'features' that is no object");
            default:
                return false;
        }
    }

    private void TakeMember(ref Utf8JsonReader reader, int at)
    {
        if (member == Member.Type && (reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("FeatureCollection"u8)))
            throw Window.Flaw(at, "has another 'type' than FeatureCollection");
        if (member != Member.Features) return;
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            inFeatures = false;
            return;
        }
        if (reader.TokenType != JsonTokenType.StartArray) throw Window.Flaw(at, "has a member 'features' that is no array");
        if (sawFeatures) throw Window.Flaw(at, "has two members 'features'");
        inFeatures = sawFeatures = true;
    }
}
